//! Records of oversight: licences, attestation, accreditation, inspections.

use chrono::NaiveDate;

use super::{Code, Hundredths, form_record};
use crate::ids::{Bin, Kato};
use crate::level::Level;

form_record! {
    /// S4A.LICENCE: one level of one annex to a licence.
    Licence {
        /// District as at reporting.
        district: Kato,
        /// Holder.
        org_bin: Bin,
        /// Number of the licence.
        licence_no: String,
        /// Number of the annex.
        annex_no: String,
        /// Level it allows.
        level: Level,
        /// Programme it allows.
        programme: Code,
        /// First day.
        issued_on: NaiveDate,
        /// Last day; `None` without limit.
        valid_to: Option<NaiveDate>,
        /// `active`, `suspended`, `revoked` or `reissued`.
        status: Code,
        /// Since when, unless active.
        status_on: Option<NaiveDate>,
        /// Decision behind the status.
        decision_no: Option<String>,
        /// Authority that decided.
        authority_bin: Option<Bin>,
    }
}

form_record! {
    /// S4B.ATTESTATION: one state attestation of an organisation.
    Attestation {
        /// District as at reporting.
        district: Kato,
        /// BIN.
        org_bin: Bin,
        /// Number of the procedure.
        procedure_no: String,
        /// Held on the plan.
        is_planned: bool,
        /// Attempt, from 1.
        attempt_no: u8,
        /// Day.
        held_on: NaiveDate,
        /// `attested`, `repeat` or `failed`.
        result: Code,
        /// Points of the criteria.
        criteria_score: Option<Hundredths>,
        /// Points possible.
        criteria_max: Option<Hundredths>,
        /// Non-conformities found.
        nonconformity_count: u16,
    }
}

form_record! {
    /// S4C.ACCREDITATION: one certificate of accreditation.
    Accreditation {
        /// District as at reporting.
        district: Kato,
        /// BIN.
        org_bin: Bin,
        /// Agency.
        agency: Code,
        /// The agency is on the register of recognised ones.
        is_agency_recognised: bool,
        /// Number of the certificate.
        certificate_no: String,
        /// `institutional` or `specialised`.
        kind: Code,
        /// Programme; `all` for an institutional one.
        programme: Code,
        /// First day.
        valid_from: NaiveDate,
        /// Last day.
        valid_to: NaiveDate,
        /// `accredited`, `conditional`, `refused` or `withdrawn`.
        result: Code,
    }
}

form_record! {
    /// S5.INSPECTION: one violation found by an inspection, or an inspection without any.
    Inspection {
        /// District of the subject.
        district: Kato,
        /// Number of the inspection.
        inspection_no: String,
        /// `organisation`, `district_dept` or `region_dept`.
        subject_kind: Code,
        /// BIN of the inspected subject.
        subject_bin: Bin,
        /// `plan`, `unplanned` or `preventive`.
        basis: Code,
        /// `direct` or `distance`.
        monitoring_form: Code,
        /// First day; `None` while only planned.
        started_on: Option<NaiveDate>,
        /// Last day.
        ended_on: Option<NaiveDate>,
        /// Number of the violation; 0 for none.
        violation_no: u16,
        /// Norm violated.
        norm_reference: Option<Code>,
        /// `gross`, `significant` or `minor`.
        severity: Option<Code>,
        /// Day by which it is to be remedied.
        due_on: Option<NaiveDate>,
        /// Day on which it was.
        closed_on: Option<NaiveDate>,
        /// Fine.
        fine_kzt: Option<Hundredths>,
        /// What followed.
        outcome: Code,
    }
}

impl Inspection {
    /// It took place.
    #[must_use]
    pub const fn is_held(&self) -> bool {
        self.started_on.is_some()
    }
}
