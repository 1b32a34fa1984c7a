//! The fixing of a year and its archive, through the real program; tests bear the names of the requirements.

mod answers;
mod archive;
mod conformance;
mod rules;

use std::path::PathBuf;
use std::process::Command;

use bilim_domain::records::Form;
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::extension::BasicConstraints;
use openssl::x509::{X509, X509NameBuilder};

use crate::support_cli::{Run, Site, file, organisation, pupil};

/// Before anything was announced.
const SEPTEMBER: &str = "2024-09-10T06:00:00Z";
/// Three working days (2, 3 and 4 October) before the suspension.
const NOTICE: &str = "2024-10-01T06:00:00Z";
/// Within the suspension.
pub const INSIDE: &str = "2024-10-09T06:00:00Z";
/// Monday after the suspension.
pub const AFTER: &str = "2024-10-21T06:00:00Z";

/// A lake in which all six levels of 2024 have learners, with a calendar that the test sets.
pub struct Fixing {
    pub site: Site,
}

/// One learner at each level: organisation, its type, level, grade, birth.
const LEVELS: [(usize, &str, &str, &str, &str); 6] = [
    (1, "kindergarten", "pre_school", "0", "2020-03"),
    (2, "general", "primary", "3", "2015-03"),
    (2, "general", "basic_secondary", "7", "2011-03"),
    (2, "general", "general_secondary", "10", "2008-03"),
    (3, "college", "tve", "1", "2007-03"),
    (4, "higher_college", "post_secondary", "1", "2005-03"),
];

impl Fixing {
    /// The lake, with learners at all levels but those left out.
    pub fn without(left_out: &[&str]) -> Self {
        let fixing = Self { site: Site::empty() };
        fixing.at(SEPTEMBER, &["init"]).ended(0);
        let organisations: Vec<String> = LEVELS
            .iter()
            .filter(|(number, _, level, ..)| *number != 2 || *level == "primary")
            .map(|(number, org_type, ..)| organisation(*number, &[("org_type", org_type)]))
            .collect();
        fixing.land_at(SEPTEMBER, Form::Organisation, "org.csv", &organisations).ended(0);
        let pupils: Vec<String> = (1..)
            .zip(&LEVELS)
            .filter(|(_, (_, _, level, ..))| !left_out.contains(level))
            .map(|(pid, (number, _, level, grade, birth))| {
                pupil(*number, pid, &[("level", level), ("grade", grade), ("birth", birth)])
            })
            .collect();
        fixing.land_at(SEPTEMBER, Form::Pupil, "pupil.csv", &pupils).ended(0);
        fixing
    }

    pub fn new() -> Self {
        Self::without(&[])
    }

    /// Announced for 7 to 18 October, fixing date 10 October.
    pub fn announced() -> Self {
        let fixing = Self::new();
        fixing.announce(NOTICE, "2024-10-07", "2024-10-18", &[]).ended(0);
        fixing
    }

    /// Fixed and signed.
    pub fn fixed() -> Self {
        let fixing = Self::announced();
        fixing.make_keys("ministry");
        fixing.fix(INSIDE).ended(0);
        fixing
    }

    /// The program at a time.
    pub fn command(&self, now: &str, arguments: &[&str]) -> Command {
        let mut command = self.site.command(arguments);
        command.env("BILIM_NOW", now);
        command
    }

    pub fn at(&self, now: &str, arguments: &[&str]) -> Run {
        self.command(now, arguments).output().unwrap().into()
    }

    pub fn announce(&self, now: &str, from: &str, to: &str, more: &[&str]) -> Run {
        let mut arguments = vec!["freeze", "announce", "--year", "2024", "--from", from, "--to", to];
        if !more.contains(&"--date") {
            arguments.extend(["--date", "2024-10-10"]);
        }
        arguments.extend_from_slice(more);
        self.at(now, &arguments)
    }

    pub fn fix(&self, now: &str) -> Run {
        let signed =
            ["freeze", "run", "--year", "2024", "--sign-key", "ministry.key", "--sign-cert", "ministry.pem"];
        self.at(now, &signed)
    }

    /// Write and submit rows at a time.
    pub fn land_at(&self, now: &str, form: Form, name: &str, rows: &[String]) -> Run {
        self.site.write(name, file(form, rows));
        self.at(now, &["submit", name, "--form", form.code()])
    }

    /// A correction of the learner of the general school in grade 3.
    pub fn correction(&self, name: &str) -> Vec<String> {
        self.site.write(name, "");
        let grades = [
            ("primary", "4", "2015-03"),
            ("basic_secondary", "7", "2011-03"),
            ("general_secondary", "10", "2008-03"),
        ];
        (2..)
            .zip(grades)
            .map(|(pid, (level, grade, birth))| {
                pupil(2, pid, &[("level", level), ("grade", grade), ("birth", birth)])
            })
            .collect()
    }

    /// A root certificate in `NAME-roots`, and a certificate under it with its key.
    pub fn make_keys(&self, name: &str) {
        let roots = self.site.folder().join(format!("{name}-roots"));
        std::fs::create_dir(&roots).unwrap();
        let (root_key, own_key) = (key(), key());
        let root = certificate("Root", &root_key, None);
        let own = certificate("Ministry", &own_key, Some((&root, &root_key)));
        std::fs::write(roots.join("root.pem"), root.to_pem().unwrap()).unwrap();
        self.site.write(&format!("{name}.pem"), own.to_pem().unwrap());
        self.site.write(&format!("{name}.key"), own_key.private_key_to_pem_pkcs8().unwrap());
    }

    /// The archive of 2024.
    pub fn archive(&self) -> PathBuf {
        self.site.lake().join("archive/2024")
    }

    /// The one value that a statement answers.
    pub fn value(&self, statement: &str) -> String {
        self.site.value(statement)
    }
}

fn key() -> PKey<Private> {
    let curve = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    PKey::from_ec_key(EcKey::generate(&curve).unwrap()).unwrap()
}

/// A certificate of the years 2024 to 2026, whatever the time of the test; without an issuer a root.
fn certificate(name: &str, key: &PKey<Private>, issuer: Option<(&X509, &PKey<Private>)>) -> X509 {
    let mut subject = X509NameBuilder::new().unwrap();
    subject.append_entry_by_text("CN", name).unwrap();
    let subject = subject.build();
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    let serial = BigNum::from_u32(if issuer.is_some() { 2 } else { 1 }).unwrap();
    builder.set_serial_number(&serial.to_asn1_integer().unwrap()).unwrap();
    builder.set_subject_name(&subject).unwrap();
    builder.set_issuer_name(issuer.map_or(subject.as_ref(), |(root, _)| root.subject_name())).unwrap();
    builder.set_not_before(&Asn1Time::from_str("20240101000000Z").unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::from_str("20261231235959Z").unwrap()).unwrap();
    builder.set_pubkey(key).unwrap();
    let mut basic = BasicConstraints::new();
    if issuer.is_none() {
        basic.ca();
    }
    builder.append_extension(basic.critical().build().unwrap()).unwrap();
    builder.sign(issuer.map_or(key, |(_, key)| key), MessageDigest::sha256()).unwrap();
    builder.build()
}
