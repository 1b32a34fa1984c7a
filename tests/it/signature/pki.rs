//! An authority of our own, made with the `openssl` tool when the tests run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use bilim::config::SignatureConfig;
use chrono::{DateTime, TimeDelta, Utc};
use openssl::pkey::{PKey, Private};
use tempfile::TempDir;

use super::der::Node;
use crate::support_cli::bin;

/// Roles below `1.2.398.3.3.4.1`.
pub const HEAD: &str = "1.2.398.3.3.4.1.2,1.2.398.3.3.4.1.2.1";
const SIGN: &str = "critical,digitalSignature,nonRepudiation";

const AUTHORITY: &str = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n\
                         subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n";

/// Folders with keys (`name.key`), certificates (`name.pem`, `name.der`), lists.
pub struct Pki {
    folder: TempDir,
}

/// What a certificate says.
struct Leaf<'a> {
    name: &'a str,
    authority: &'a str,
    key: &'a str,
    subject: String,
    extensions: String,
    from: TimeDelta,
    until: TimeDelta,
    digest: &'a str,
}

/// The time as `openssl ca` wants it.
fn stamp(from_now: TimeDelta) -> String {
    let time: DateTime<Utc> = Utc::now() + from_now;
    time.format("%Y%m%d%H%M%SZ").to_string()
}

fn subject(cn: &str, units: &str) -> String {
    format!("/C=KZ/CN={cn}/serialNumber=IIN000000000000/O=Организация{units}")
}

fn extensions(usage: &str, extended: &str, policy: &str, more: &str) -> String {
    let mut text =
        String::from("basicConstraints=CA:FALSE\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n");
    for (name, value) in
        [("keyUsage", usage), ("extendedKeyUsage", extended), ("certificatePolicies", policy)]
    {
        if !value.is_empty() {
            text.extend([name, "=", value, "\n"]);
        }
    }
    text + more
}

impl Pki {
    pub fn get() -> &'static Pki {
        static PKI: OnceLock<Pki> = OnceLock::new();
        PKI.get_or_init(Pki::make)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub fn key(&self, name: &str) -> PKey<Private> {
        PKey::private_key_from_pem(&self.bytes(&format!("{name}.key"))).unwrap()
    }

    /// Run `openssl` in the folder.
    pub fn openssl(&self, arguments: &[&str]) -> Vec<u8> {
        let output = Command::new("openssl")
            .args(arguments)
            .current_dir(self.folder.path())
            .output()
            .expect("these tests need the openssl tool");
        assert!(
            output.status.success(),
            "openssl {}\n{}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stderr)
        );
        output.stdout
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn new_key(&self, name: &str, kind: &str) {
        let file = format!("{name}.key");
        let arguments: Vec<&str> = match kind {
            "ec" => vec!["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", &file],
            bits => {
                let option = if bits == "rsa1024" { "rsa_keygen_bits:1024" } else { "rsa_keygen_bits:2048" };
                vec!["genpkey", "-algorithm", "RSA", "-pkeyopt", option, "-out", &file]
            }
        };
        self.openssl(&arguments);
    }

    /// The folder and configuration of an authority.
    fn authority(&self, name: &str) {
        self.write(&format!("{name}/index.txt"), "");
        self.write(&format!("{name}/serial"), "1000\n");
        self.write(&format!("{name}/crlnumber"), "01\n");
        self.write(
            &format!("{name}/ca.cnf"),
            &format!(
                "[ca]\ndefault_ca=this\n[this]\ndatabase={name}/index.txt\nserial={name}/serial\n\
                 crlnumber={name}/crlnumber\nnew_certs_dir={name}\nunique_subject=no\npolicy=any\n\
                 default_md=sha256\ndefault_crl_days=30\nstring_mask=utf8only\nutf8=yes\n\
                 certificate={name}.pem\nprivate_key={name}.key\n\
                 [any]\nC=optional\nCN=optional\nserialNumber=optional\nO=optional\nOU=optional\n\
                 [req]\ndistinguished_name=dn\nstring_mask=utf8only\nutf8=yes\n[dn]\n"
            ),
        );
    }

    fn request(&self, name: &str, key: &str, subject: &str, config: &str) {
        self.new_key(name, key);
        let (key, request, config) =
            (format!("{name}.key"), format!("{name}.csr"), format!("{config}/ca.cnf"));
        self.openssl(&[
            "req", "-new", "-utf8", "-config", &config, "-key", &key, "-subj", subject, "-out", &request,
        ]);
    }

    fn issue(&self, leaf: &Leaf<'_>) {
        self.request(leaf.name, leaf.key, &leaf.subject, leaf.authority);
        let extensions = format!("{}.ext", leaf.name);
        self.write(&extensions, &leaf.extensions);
        let (config, request) = (format!("{}/ca.cnf", leaf.authority), format!("{}.csr", leaf.name));
        let (from, until) = (stamp(leaf.from), stamp(leaf.until));
        let pem = format!("{}.pem", leaf.name);
        self.openssl(&[
            "ca",
            "-batch",
            "-notext",
            "-preserveDN",
            "-utf8",
            "-config",
            &config,
            "-in",
            &request,
            "-out",
            &pem,
            "-extfile",
            &extensions,
            "-startdate",
            &from,
            "-enddate",
            &until,
            "-md",
            leaf.digest,
        ]);
        let der = format!("{}.der", leaf.name);
        self.openssl(&["x509", "-in", &pem, "-outform", "DER", "-out", &der]);
    }

    fn root(&self, name: &str) {
        self.authority(name);
        self.request(name, "rsa2048", "/C=KZ/CN=НЕГІЗГІ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ", name);
        let extensions = format!("{name}.ext");
        self.write(&extensions, AUTHORITY);
        let (from, until) = (stamp(TimeDelta::days(-1000)), stamp(TimeDelta::days(1000)));
        let (key, pem) = (format!("{name}.key"), format!("{name}.pem"));
        let (config, request) = (format!("{name}/ca.cnf"), format!("{name}.csr"));
        let who = ["ca", "-selfsign", "-batch", "-notext", "-preserveDN", "-utf8", "-config", &config];
        let what = ["-keyfile", &key, "-in", &request, "-out", &pem, "-extfile", &extensions];
        self.openssl(&[&who[..], &what, &["-startdate", &from, "-enddate", &until]].concat());
        self.openssl(&["x509", "-in", &pem, "-outform", "DER", "-out", &format!("{name}.der")]);
    }

    fn issuing(&self, name: &str, root: &str, cn: &str) {
        self.issue(&Leaf {
            name,
            authority: root,
            key: "rsa2048",
            subject: format!("/C=KZ/CN={cn}"),
            extensions: AUTHORITY.to_owned(),
            from: TimeDelta::days(-900),
            until: TimeDelta::days(900),
            digest: "sha256",
        });
        self.authority(name);
    }

    /// A list of revoked certificates: those of the authority whose names are given, since then.
    pub fn crl(&self, out: &str, authority: &str, revoked: &[(&str, TimeDelta)], until: TimeDelta) {
        let index = format!("{authority}/index.txt");
        let before = fs::read_to_string(self.path(&index)).unwrap();
        self.write(&index, &self.index(authority, revoked));
        let (config, next) = (format!("{authority}/ca.cnf"), stamp(until));
        let last = stamp(until.min(TimeDelta::zero()) - TimeDelta::hours(5));
        self.openssl(&[
            "ca",
            "-gencrl",
            "-config",
            &config,
            "-out",
            out,
            "-crl_lastupdate",
            &last,
            "-crl_nextupdate",
            &next,
        ]);
        self.write(&index, &before);
    }

    /// The register of an authority with these revoked.
    pub fn index(&self, authority: &str, revoked: &[(&str, TimeDelta)]) -> String {
        let mut text = fs::read_to_string(self.path(&format!("{authority}/index.txt"))).unwrap();
        for (name, since) in revoked {
            let out = self.openssl(&["x509", "-in", &format!("{name}.pem"), "-noout", "-serial"]);
            let serial = String::from_utf8(out).unwrap().trim().replace("serial=", "");
            text = text
                .lines()
                .map(|line| {
                    let mut cells: Vec<String> = line.split('\t').map(str::to_owned).collect();
                    if cells[3] == serial {
                        "R".clone_into(&mut cells[0]);
                        stamp(*since)[2..].clone_into(&mut cells[2]);
                    }
                    cells.join("\t") + "\n"
                })
                .collect();
        }
        text
    }

    /// An OCSP response, as `BasicOCSPResponse`.
    pub fn ocsp(
        &self,
        certificate: &str,
        responder: &str,
        issuer: &str,
        revoked: &[(&str, TimeDelta)],
    ) -> Vec<u8> {
        let name = format!("{certificate}-{responder}-{issuer}-{}", revoked.len());
        let (index, request, answer) = (format!("{name}.idx"), format!("{name}.req"), format!("{name}.resp"));
        self.write(&index, &self.index(issuer, revoked));
        let pem = |name: &str| format!("{name}.pem");
        self.openssl(&[
            "ocsp",
            "-issuer",
            &pem(issuer),
            "-cert",
            &pem(certificate),
            "-no_nonce",
            "-reqout",
            &request,
        ]);
        self.openssl(&[
            "ocsp",
            "-index",
            &index,
            "-CA",
            &pem(issuer),
            "-rsigner",
            &pem(responder),
            "-rkey",
            &format!("{responder}.key"),
            "-reqin",
            &request,
            "-respout",
            &answer,
            "-ndays",
            "1",
        ]);
        let whole = Node::read(&self.bytes(&answer));
        whole.parts[1].parts[0].parts[1].value.clone()
    }

    /// A time stamp token over these bytes.
    pub fn stamp(&self, authority: &str, over: &[u8], digest: &str) -> Vec<u8> {
        let name = format!(
            "{authority}-{}",
            openssl::sha::sha256(over)
                .iter()
                .fold(0_u64, |sum, byte| { sum.wrapping_mul(31).wrapping_add(u64::from(*byte)) })
        );
        let (data, query, token) = (format!("{name}.data"), format!("{name}.tsq"), format!("{name}.tst"));
        fs::write(self.path(&data), over).unwrap();
        self.write(
            &format!("{name}.cnf"),
            &format!(
                "[tsa]\ndefault_tsa=this\n[this]\nserial={name}.serial\ndefault_policy=1.2.398.3.3.2.6.2\n\
                 digests=sha1,sha256\nsigner_digest=sha256\ness_cert_id_alg=sha256\ncrypto_device=builtin\n"
            ),
        );
        self.openssl(&[
            "ts",
            "-query",
            "-data",
            &data,
            &format!("-{digest}"),
            "-cert",
            "-no_nonce",
            "-out",
            &query,
        ]);
        self.openssl(&[
            "ts",
            "-reply",
            "-queryfile",
            &query,
            "-config",
            &format!("{name}.cnf"),
            "-signer",
            &format!("{authority}.pem"),
            "-inkey",
            &format!("{authority}.key"),
            "-token_out",
            "-out",
            &token,
        ]);
        self.bytes(&token)
    }

    /// Sign a file with these further arguments.
    pub fn sign(&self, signer: &str, file: &Path, arguments: &[&str]) -> Vec<u8> {
        let (pem, key) = (format!("{signer}.pem"), format!("{signer}.key"));
        let mut all = vec!["cms", "-sign", "-in", file.to_str().unwrap(), "-signer", &pem, "-inkey", &key];
        all.extend_from_slice(arguments);
        self.openssl(&all)
    }

    /// Sign a file as it should be.
    pub fn cades(&self, signer: &str, file: &Path) -> Vec<u8> {
        let arguments =
            ["-binary", "-cades", "-md", "sha256", "-nosmimecap", "-outform", "DER", "-certfile", "nca.pem"];
        self.sign(signer, file, &arguments)
    }

    /// Folders of roots and lists, by the names of certificates and lists.
    pub fn config(&self, name: &str, roots: &[&str], crls: &[&str]) -> SignatureConfig {
        let (root_folder, crl_folder) = (format!("trust-{name}/roots"), format!("trust-{name}/crl"));
        for folder in [&root_folder, &crl_folder] {
            fs::create_dir_all(self.path(folder)).unwrap();
        }
        for root in roots {
            let file = format!("{root}.pem");
            fs::copy(self.path(&file), self.path(&root_folder).join(file)).unwrap();
        }
        for crl in crls {
            fs::copy(self.path(crl), self.path(&crl_folder).join(crl)).unwrap();
        }
        SignatureConfig {
            roots: Some(self.path(&root_folder)),
            crl: Some(self.path(&crl_folder)),
            audience: Some("bilim-test".to_owned()),
            ..SignatureConfig::default()
        }
    }

    fn make() -> Pki {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let pki = Pki { folder };
        // The second country has the same names and other keys.
        for (root, issuing) in [("root", "nca"), ("false-root", "false-nca")] {
            pki.root(root);
            pki.issuing(issuing, root, "ҰЛТТЫҚ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ");
        }
        pki.issuing("nca2", "root", "ЕКІНШІ ОРТАЛЫҚ");
        pki.leaves();
        let hour = TimeDelta::hours(-1);
        let month = TimeDelta::days(30);
        pki.crl("root.crl", "root", &[], month);
        pki.crl("root-revoking.crl", "root", &[("nca", hour)], month);
        pki.crl("nca.crl", "nca", &[("revoked", hour)], month);
        pki.crl("stale.crl", "nca", &[], TimeDelta::hours(-2));
        pki.crl("false-nca.crl", "false-nca", &[], month);
        pki
    }

    #[allow(clippy::too_many_lines, reason = "a list of certificates")]
    fn leaves(&self) {
        let own = format!("/OU=BIN{}", bin(1));
        let (policy, email) = ("1.2.398.3.3.2.1", "emailProtection");
        let head = format!("{email},{HEAD}");
        let role = |role: &str| format!("{email},1.2.398.3.3.4.1.2,1.2.398.3.3.4.1.2.{role}");
        let year = TimeDelta::days(365);
        let issue = |name: &str, authority: &str, key: &str, units: &str, extensions: String| {
            self.issue(&Leaf {
                name,
                authority,
                key,
                subject: subject(name, units),
                extensions,
                from: TimeDelta::days(-30),
                until: year,
                digest: "sha256",
            });
        };
        let sound = || extensions(SIGN, &head, policy, "");
        for name in ["head", "head-2", "revoked"] {
            issue(name, "nca", "rsa2048", &own, sound());
        }
        issue("head-ec", "nca", "ec", &own, sound());
        issue("false-head", "false-nca", "ec", &own, sound());
        issue("rsa1024", "nca", "rsa1024", &own, sound());
        issue("other-bin", "nca", "ec", &format!("/OU=BIN{}", bin(2)), sound());
        issue("no-bin", "nca", "ec", "/OU=School", sound());
        issue("two-bins", "nca", "ec", &format!("{own}/OU=BIN{}", bin(2)), sound());
        issue("bare-bin", "nca", "ec", &format!("/OU={}", bin(1)), sound());
        for (name, number) in
            [("delegate", "2"), ("finance", "3"), ("personnel", "4"), ("employee", "5"), ("system", "6")]
        {
            issue(name, "nca", "ec", &own, extensions(SIGN, &role(number), policy, ""));
        }
        issue(
            "person",
            "nca",
            "ec",
            &own,
            extensions(SIGN, &format!("{email},1.2.398.3.3.4.1.1"), policy, ""),
        );
        let auth = "critical,digitalSignature,nonRepudiation,keyEncipherment";
        issue(
            "auth",
            "nca",
            "ec",
            &own,
            extensions(auth, &format!("clientAuth,{HEAD}"), "1.2.398.3.3.2.2", ""),
        );
        issue("auth-email", "nca", "ec", &own, extensions(SIGN, &format!("clientAuth,{head}"), policy, ""));
        issue("encipher", "nca", "ec", &own, extensions(auth, &head, policy, ""));
        issue(
            "no-repudiation",
            "nca",
            "ec",
            &own,
            extensions("critical,digitalSignature", &head, policy, ""),
        );
        issue("no-usage", "nca", "ec", &own, extensions("", &head, policy, ""));
        issue("no-email", "nca", "ec", &own, extensions(SIGN, HEAD, policy, ""));
        issue("no-extended", "nca", "ec", &own, extensions(SIGN, "", policy, ""));
        issue("wrong-policy", "nca", "ec", &own, extensions(SIGN, &head, "1.2.398.3.3.2.3", ""));
        issue("no-policy", "nca", "ec", &own, extensions(SIGN, &head, "", ""));
        issue("critical", "nca", "ec", &own, extensions(SIGN, &head, policy, "1.2.3.4=critical,DER:0500\n"));
        let authority = sound().replace("CA:FALSE", "CA:TRUE").replace(SIGN, &format!("{SIGN},keyCertSign"));
        issue("authority", "nca", "ec", &own, authority);
        let dated = |name: &str, from: i64, until: i64, digest: &str| {
            self.issue(&Leaf {
                name,
                authority: "nca",
                key: "ec",
                subject: subject(name, &own),
                extensions: sound(),
                from: TimeDelta::days(from),
                until: TimeDelta::days(until),
                digest,
            });
        };
        dated("expired", -400, -35, "sha256");
        dated("future", 2, 365, "sha256");
        dated("sha1", -1, 365, "sha1");
        let stamping = "critical,timeStamping";
        for (name, authority) in [("tsa", "nca"), ("false-tsa", "false-nca")] {
            self.issue(&Leaf {
                name,
                authority,
                key: "rsa2048",
                subject: subject(name, ""),
                extensions: extensions("critical,digitalSignature", stamping, "", ""),
                from: TimeDelta::days(-500),
                until: year,
                digest: "sha256",
            });
        }
        issue("no-tsa", "nca", "rsa2048", "", extensions("critical,digitalSignature", email, "", ""));
        for (name, authority) in [("ocsp", "nca"), ("ocsp-2", "nca2"), ("false-ocsp", "false-nca")] {
            let more = "1.3.6.1.5.5.7.48.1.5=DER:0500\n";
            let answering = extensions("critical,digitalSignature", "OCSPSigning", "", more);
            issue(name, authority, "ec", "", answering);
        }
        issue(
            "ocsp-checked",
            "nca",
            "ec",
            "",
            extensions("critical,digitalSignature", "OCSPSigning", "", ""),
        );
        issue("no-ocsp", "nca", "ec", "", extensions("critical,digitalSignature", email, "", ""));
    }
}
