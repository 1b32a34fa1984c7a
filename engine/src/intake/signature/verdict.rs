//! Why a signature is not accepted: code, message in three languages, remedy.

use super::tlv::Malformed;
use crate::definitions::{Labels, Severity};
use crate::intake::finding::Finding;
use crate::intake::rules::{BuiltIn, same};

/// A signature that is not accepted.
#[derive(Debug, Clone)]
pub struct Refusal {
    rule: &'static BuiltIn,
    arguments: Vec<Labels>,
}

impl Refusal {
    pub(super) fn new(rule: &'static BuiltIn) -> Self {
        Self { rule, arguments: Vec::new() }
    }

    pub(super) fn with(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(same(argument));
        self
    }

    /// The form asks for a signature and there is none.
    #[must_use]
    pub fn missing(form: &str) -> Self {
        Self::new(MISSING).with(form)
    }

    /// The signature or its envelope was used for another submission.
    #[must_use]
    pub fn replay(submission: i64) -> Self {
        Self::new(REPLAY).with(submission.to_string())
    }

    /// Rule code, for instance `EDS-ROLE`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.rule.code
    }

    /// What is wrong and what to do.
    #[must_use]
    pub fn message(&self) -> Labels {
        self.rule.message(&self.arguments)
    }

    /// As a finding about a file.
    #[must_use]
    pub fn finding(&self, file: &str) -> Finding {
        Finding {
            file: file.to_owned(),
            row: None,
            field: None,
            rule: self.code().to_owned(),
            severity: Severity::Error,
            value: None,
            message: self.message(),
        }
    }
}

impl From<Malformed> for Refusal {
    fn from(error: Malformed) -> Self {
        Self::new(FORMAT).with(error.0)
    }
}

macro_rules! verdicts {
    ($($(#[$doc:meta])* $name:ident = $code:literal { kk: $kk:literal, ru: $ru:literal, en: $en:literal })*) => {
        $($(#[$doc])* pub const $name: &BuiltIn =
            &BuiltIn { code: $code, severity: Severity::Error, kk: $kk, ru: $ru, en: $en };)*
        /// Every verdict, for the catalogue of rules.
        pub const ALL: &[&BuiltIn] = &[$($name),*];
    };
}

verdicts! {
    /// The form asks for a signature: (form).
    MISSING = "EDS-MISSING" {
        kk: "{0} нысаны бірінші басшының ЭЦҚ-сымен ғана қабылданады. Файлға қол қойып, --signature арқылы қайта жіберіңіз.",
        ru: "Форма {0} принимается только с ЭЦП первого руководителя. Подпишите файл и отправьте снова с --signature.",
        en: "Form {0} is taken only with the signature of the head. Sign the file and submit it again with --signature."
    }
    /// The signature or the envelope is larger than a limit: (bytes, limit).
    LIMIT = "EDS-LIMIT" {
        kk: "Қолтаңба файлы тым үлкен: {0} байт, шегі {1}. Деректерді қоспай (detached) қайта қол қойыңыз.",
        ru: "Файл подписи слишком велик: {0} байт при пределе {1}. Подпишите заново, не вкладывая данные (detached).",
        en: "The signature file is too large: {0} bytes, the limit is {1}. Sign again without the data inside (detached)."
    }
    /// Text instead of bytes.
    TEXT = "EDS-TEXT" {
        kk: "Қолтаңба мәтін түрінде (PEM, Base64). Оны екілік DER (.p7s, .cms) түрінде сақтап, қайта жіберіңіз.",
        ru: "Подпись записана текстом (PEM, Base64). Сохраните её в двоичном DER (.p7s, .cms) и отправьте снова.",
        en: "The signature is written as text (PEM, Base64). Save it as binary DER (.p7s, .cms) and submit again."
    }
    /// Not a CMS signature in DER: (what).
    FORMAT = "EDS-FORMAT" {
        kk: "Қолтаңба файлы DER пішіміндегі CMS емес немесе бүлінген: {0}. Құжатқа CMS, DER, detached түрінде қайта қол қойыңыз.",
        ru: "Файл подписи повреждён или не является CMS в DER: {0}. Подпишите заново: CMS, DER, detached.",
        en: "The signature file is damaged or no CMS in DER: {0}. Sign again as CMS, DER, detached."
    }
    /// The signed data are inside the signature.
    ATTACHED = "EDS-ATTACHED" {
        kk: "Қолтаңбаның ішінде деректер бар. Тек бөлек (detached) қолтаңба қабылданады: деректерді қоспай қайта қол қойыңыз.",
        ru: "В подпись вложены данные. Принимается только отсоединённая (detached) подпись: подпишите заново без вложения.",
        en: "The signature carries data inside. Only a detached signature is taken: sign again without the data."
    }
    /// Not exactly one signer: (number).
    SIGNERS = "EDS-SIGNERS" {
        kk: "Файлда {0} қолтаңба бар, біреу болуы керек. Тек бірінші басшы қол қойсын.",
        ru: "В файле {0} подписей, а должна быть одна. Пусть подпишет только первый руководитель.",
        en: "The file has {0} signatures and must have one. Let the head alone sign."
    }
    /// A signed attribute is missing, doubled or wrong: (attribute).
    ATTRIBUTES = "EDS-ATTRIBUTES" {
        kk: "Қолтаңбаның қол қойылған атрибуты жоқ, қайталанған немесе қате: {0}. CAdES-BES қолтаңбасын жасайтын бағдарламамен қайта қол қойыңыз.",
        ru: "Подписанный атрибут отсутствует, повторён или неверен: {0}. Подпишите заново программой, создающей CAdES-BES.",
        en: "A signed attribute is missing, doubled or wrong: {0}. Sign again with a program that makes CAdES-BES."
    }
    /// A weak algorithm or key: (algorithm).
    ALGORITHM = "EDS-ALGORITHM" {
        kk: "{0} алгоритмі немесе кілті қабылданбайды. Қолданыстағы кілтпен SHA-256 немесе одан күштісін қолданып қайта қол қойыңыз.",
        ru: "Алгоритм или ключ {0} не принимается. Подпишите заново действующим ключом с SHA-256 или сильнее.",
        en: "The algorithm or key {0} is not accepted. Sign again with a current key and SHA-256 or stronger."
    }
    /// An algorithm that this machine cannot compute: (algorithm).
    UNAVAILABLE = "EDS-ALGORITHM-UNAVAILABLE" {
        kk: "{0} алгоритмі бұл серверде жоқ, сондықтан қолтаңба тексерілмеді және қабылданбады. Операторға OpenSSL-ге арналған ГОСТ провайдерін орнату қажет; әзірге RSA кілтімен қол қоюға болады.",
        ru: "Алгоритм {0} на этом сервере недоступен: подпись не проверена и не принята. Оператору нужно установить провайдер ГОСТ для OpenSSL; пока можно подписать ключом RSA.",
        en: "The algorithm {0} is not available on this server: the signature is not verified and not accepted. The operator has to install a GOST provider for OpenSSL; until then an RSA key may be used."
    }
    /// The signer's certificate is not there or not the one that the signature names: (what).
    CERTIFICATE = "EDS-CERTIFICATE" {
        kk: "Қол қоюшының сертификаты жарамсыз: {0}. Сертификатты қосып қайта қол қойыңыз.",
        ru: "Сертификат подписавшего негоден: {0}. Подпишите заново, включив сертификат.",
        en: "The signer's certificate will not do: {0}. Sign again and include the certificate."
    }
    /// The signature was made over other bytes: (file).
    CONTENT = "EDS-CONTENT" {
        kk: "Қолтаңба «{0}» файлының дәл осы байттарына жасалмаған: файл қол қойылғаннан кейін өзгерген. Осы файлға қайта қол қойыңыз.",
        ru: "Подпись сделана не под этими байтами «{0}»: файл изменён после подписания. Подпишите именно этот файл.",
        en: "The signature was not made over these bytes of “{0}”: the file changed after signing. Sign exactly this file."
    }
    /// The signature holds only for other line ends: (file).
    LINE_ENDS = "EDS-LINE-ENDS" {
        kk: "Қолтаңба «{0}» файлының жол соңдары басқа нұсқасына жасалған (мәтіндік режим). Екілік режимде қайта қол қойыңыз.",
        ru: "Подпись сделана под «{0}» с другими концами строк (текстовый режим). Подпишите заново в двоичном режиме.",
        en: "The signature was made over “{0}” with other line ends (text mode). Sign again in binary mode."
    }
    /// The signature value does not fit the certificate's key.
    SIGNATURE = "EDS-SIGNATURE" {
        kk: "Қолтаңба мәні сертификаттың кілтіне сәйкес келмейді: қолтаңба бүлінген немесе жалған. Қайта қол қойыңыз.",
        ru: "Значение подписи не соответствует ключу сертификата: подпись повреждена или поддельна. Подпишите заново.",
        en: "The signature value does not fit the certificate's key: it is damaged or forged. Sign again."
    }
    /// The certificate does not lead to a configured root: (why).
    CHAIN = "EDS-CHAIN" {
        kk: "Сертификат сенімді түбірлік сертификатқа жеткізбейді: {0}. Ұлттық куәландырушы орталық берген кілтпен қол қойыңыз.",
        ru: "Сертификат не приводит к доверенному корневому: {0}. Подпишите ключом удостоверяющего центра, которому доверяет система.",
        en: "The certificate does not lead to a trusted root: {0}. Sign with a key of an authority that the system trusts."
    }
    /// Expired or not yet valid: (why, time).
    VALIDITY = "EDS-VALIDITY" {
        kk: "{1} уақытында сертификат жарамсыз болды: {0}. Қолданыстағы кілтпен қол қойыңыз.",
        ru: "На {1} сертификат не действовал: {0}. Подпишите действующим ключом.",
        en: "At {1} the certificate was not valid: {0}. Sign with a key that is in force."
    }
    /// Not a key for signing: (why).
    PURPOSE = "EDS-PURPOSE" {
        kk: "Бұл қол қоюға арналған кілт емес: {0}. AUTH емес, қол қою кілтін (RSA/GOST) таңдаңыз.",
        ru: "Это не ключ подписи: {0}. Выберите ключ для подписи (RSA/GOST), а не для входа (AUTH).",
        en: "This is no signing key: {0}. Choose the key for signing (RSA/GOST), not the one for logging in (AUTH)."
    }
    /// Not issued under an accepted policy: (policies).
    POLICY = "EDS-POLICY" {
        kk: "Сертификат заңды тұлғаның қол қою саясатымен берілмеген ({0}). Заңды тұлғаның қол қою кілтін қолданыңыз.",
        ru: "Сертификат выпущен не по политике подписи юридического лица ({0}). Используйте ключ подписи юридического лица.",
        en: "The certificate was not issued under the policy for signatures of legal entities ({0}). Use such a key."
    }
    /// The owner is not the head: (roles).
    ROLE = "EDS-ROLE" {
        kk: "Сертификат иесі бірінші басшы емес (рөлі: {0}). Деректерді бірінші басшы өз кілтімен растауы керек.",
        ru: "Владелец сертификата не первый руководитель (роль: {0}). Данные подтверждает первый руководитель своим ключом.",
        en: "The owner of the certificate is not the head (role: {0}). The head confirms data with a key of their own."
    }
    /// The certificate belongs to another organisation: (BIN found, BIN expected).
    BIN = "EDS-BIN" {
        kk: "Сертификаттағы БСН ({0}) деректерді тапсырушының БСН-інен ({1}) өзгеше. Тапсырушы ұйымның кілтімен қол қойыңыз.",
        ru: "БИН сертификата ({0}) не совпадает с БИН сдающего субъекта ({1}). Подпишите ключом сдающей организации.",
        en: "The BIN of the certificate ({0}) is not that of the submitting subject ({1}). Sign with that organisation's key."
    }
    /// Revoked: (which, when).
    REVOKED = "EDS-REVOKED" {
        kk: "Сертификат кері қайтарылған: {0}, {1}. Жаңа кілт алып, қайта қол қойыңыз.",
        ru: "Сертификат отозван: {0}, {1}. Получите новый ключ и подпишите заново.",
        en: "The certificate is revoked: {0}, {1}. Obtain a new key and sign again."
    }
    /// Nothing fresh says that the certificate is not revoked: (which).
    UNKNOWN = "EDS-REVOCATION-UNKNOWN" {
        kk: "Сертификаттың кері қайтарылмағаны белгісіз: {0}. OCSP жауабымен қайта қол қойыңыз немесе операторға CRL тізімін жаңарту қажет.",
        ru: "Неизвестно, не отозван ли сертификат: {0}. Подпишите заново с ответом OCSP, либо оператору нужно обновить список CRL.",
        en: "Nothing fresh says that the certificate is not revoked: {0}. Sign again with an OCSP response, or let the operator renew the CRL."
    }
    /// A stapled OCSP response that proves nothing: (why).
    OCSP = "EDS-OCSP" {
        kk: "Қоса берілген OCSP жауабы жарамсыз: {0}. Жаңа OCSP жауабымен қайта қол қойыңыз.",
        ru: "Приложенный ответ OCSP негоден: {0}. Подпишите заново со свежим ответом OCSP.",
        en: "The stapled OCSP response proves nothing: {0}. Sign again with a fresh one."
    }
    /// A time stamp that proves nothing: (why).
    STAMP = "EDS-STAMP" {
        kk: "Уақыт белгісі (TSP) жарамсыз: {0}. Жаңа уақыт белгісімен немесе онсыз қайта қол қойыңыз.",
        ru: "Метка времени (TSP) негодна: {0}. Подпишите заново с новой меткой времени или без неё.",
        en: "The time stamp proves nothing: {0}. Sign again with a new time stamp or without one."
    }
    /// The envelope is not the canonical JSON that it must be: (why).
    ENVELOPE = "EDS-ENVELOPE" {
        kk: "Конверт дұрыс емес: {0}. Оны bilim submit --prepare арқылы қайта жасап, сол байттарға қол қойыңыз.",
        ru: "Конверт неверен: {0}. Сделайте его заново командой bilim submit --prepare и подпишите именно эти байты.",
        en: "The envelope is wrong: {0}. Make it again with bilim submit --prepare and sign exactly those bytes."
    }
    /// The envelope speaks of another submission: (field, there, here).
    ENVELOPE_FIELD = "EDS-ENVELOPE-FIELD" {
        kk: "Конверт басқа тапсыруға арналған: {0} онда {1}, мұнда {2}. Осы файлға жаңа конверт жасап, қол қойыңыз.",
        ru: "Конверт составлен для другой сдачи: {0} там {1}, здесь {2}. Сделайте конверт для этого файла и подпишите его.",
        en: "The envelope is for another submission: {0} says {1}, here it is {2}. Make one for this file and sign it."
    }
    /// The envelope was for an earlier day: (deadline).
    DEADLINE = "EDS-DEADLINE" {
        kk: "Конверттің мерзімі {0} өтіп кетті. Жаңа конверт жасап, қол қойыңыз.",
        ru: "Срок конверта истёк {0}. Сделайте новый конверт и подпишите его.",
        en: "The envelope was good until {0}. Make a new one and sign it."
    }
    /// Used before: (submission).
    REPLAY = "EDS-REPLAY" {
        kk: "Бұл қолтаңба немесе конверт {0} тапсыруында қолданылған. Әр тапсыруға жаңа қолтаңба қажет.",
        ru: "Эта подпись или конверт уже использованы в сдаче {0}. Для каждой сдачи нужна новая подпись.",
        en: "This signature or envelope was used for submission {0}. Each submission needs a signature of its own."
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_verdict_speaks_three_languages_with_the_same_arguments() {
        let mut codes = BTreeSet::new();
        for rule in ALL {
            assert!(codes.insert(rule.code), "{} twice", rule.code);
            assert!(rule.code.starts_with("EDS-"), "{}", rule.code);
            for number in 0..3 {
                let place = format!("{{{number}}}");
                let found = [rule.kk, rule.ru, rule.en].map(|text| text.contains(&place));
                assert!(found == [true; 3] || found == [false; 3], "{} {place}", rule.code);
            }
        }
    }
}
