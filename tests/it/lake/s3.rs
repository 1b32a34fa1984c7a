//! A lake in an object store, through the real program: a server of the S3 interface on this machine.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use bilim_domain::records::Form;

use super::pupils;
use super::python::python;
use crate::support_cli::{Run, Site, file, organisation};

/// What the virtual environment holds.
const PACKAGES: [&str; 1] = ["moto[s3,server]"];

/// Serves until its standard input ends; says where.
const SERVER: &str = r#"
import sys
import boto3
from moto.server import ThreadedMotoServer

server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
url = f"http://{host}:{port}"
client = boto3.client("s3", endpoint_url=url, region_name="us-east-1", aws_access_key_id="test",
                      aws_secret_access_key="test")
client.create_bucket(Bucket="warehouse")
print(url, flush=True)
sys.stdin.read()
"#;

/// A server; it ends with the test.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    /// `None`, said aloud, where it cannot be installed outside CI.
    fn start() -> Option<Self> {
        let interpreter = match python("moto", &PACKAGES) {
            Ok(interpreter) => interpreter,
            Err(reason) => {
                assert!(std::env::var_os("CI").is_none(), "no virtual environment: {reason}");
                eprintln!("skipped: no virtual environment: {reason}");
                return None;
            }
        };
        let mut command = Command::new(interpreter);
        command.args(["-c", SERVER]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        let server = Self { child, url: url.trim().to_owned() };
        assert!(server.url.starts_with("http://127.0.0.1:"), "the server did not start: {}", server.url);
        Some(server)
    }

    /// Run the program on the lake in the server's bucket.
    fn run(&self, site: &Site, arguments: &[&str], inject: &str) -> Run {
        let mut command = site.command(arguments);
        command
            .env("BILIM_LAKE", "s3://warehouse/some/lake")
            .env("BILIM_INJECT", inject)
            .env("AWS_ENDPOINT_URL", &self.url)
            .env("AWS_ALLOW_HTTP", "true")
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_REGION", "us-east-1");
        command.output().unwrap().into()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_program_works_on_a_lake_in_s3() {
    let Some(server) = Server::start() else { return };
    let site = Site::empty();
    let run = |arguments: &[&str]| server.run(&site, arguments, "");
    let count = |table: &str| {
        let text = run(&["sql", &format!("select count(*) from {table}"), "--format", "csv"]).ended(0).text();
        text.lines().nth(1).unwrap().to_owned()
    };
    let missing = run(&["sql", "select 1"]).ended(3);
    assert!(missing.err.contains("s3://warehouse/some/lake is no lake"), "{}", missing.err);
    run(&["init"]).ended(0);
    assert!(run(&["init"]).ended(3).err.contains("already holds a lake"));
    site.write("org.csv", file(Form::Organisation, &[organisation(1, &[]), organisation(2, &[])]));
    run(&["submit", "org.csv", "--form", "S1.ORG"]).ended(0);
    site.write("bad.csv", file(Form::Organisation, &[organisation(1, &[("shifts", "9")])]));
    run(&["submit", "bad.csv", "--form", "S1.ORG"]).ended(1);
    let sound = |told: &str| {
        let verified = run(&["verify", "lake", "--all"]).ended(0);
        assert!(verified.err.contains(" 0 problems"), "{told}: {}", verified.err);
    };
    sound("two submissions");
    assert_eq!(count("raw.s1_org"), "2");
    site.write("pupils.csv", pupils(1, 3000));
    let submit = ["submit", "pupils.csv", "--form", "S1.PUPIL", "--quiet"];

    // The process ends right before and right after its decision is stored; the lease stays behind.
    site.write("bilim.toml", "lease_seconds = 1\nverify_reads = true\n");
    let steps = site.folder().join("steps");
    let rehearsal = format!("count:{}", steps.display());
    site.write("more.csv", file(Form::Organisation, &[organisation(3, &[])]));
    server.run(&site, &["submit", "more.csv", "--form", "S1.ORG", "--quiet"], &rehearsal).ended(0);
    let steps = std::fs::read_to_string(steps).unwrap();
    let decision = steps.lines().position(|step| step.contains("/pending/")).unwrap();
    assert!(
        steps.lines().nth(decision).unwrap().starts_with("put s3://warehouse/some/lake/pending/"),
        "{steps}"
    );
    // The rows of both files fill as many data files, so that the decision has the same number.
    for (when, name, number) in [("before", "four.csv", 4), ("after", "five.csv", 5)] {
        site.write(name, file(Form::Organisation, &[organisation(number, &[])]));
        let submit = ["submit", name, "--form", "S1.ORG", "--quiet"];
        let killed = server.run(&site, &submit, &format!("{decision}:{when}:kill"));
        assert_eq!(killed.code, None, "{}", killed.err);
        // Readers see whole versions; the next writer waits for the lease and finishes what was decided.
        assert_eq!(count("raw.s1_org"), (number - 1).to_string());
        run(&submit).ended(0);
        assert_eq!(count("raw.s1_org"), number.to_string());
        sound(when);
    }
    run(&submit).ended(0);
    let again = run(&["submit", "pupils.csv", "--form", "S1.PUPIL"]).ended(0);
    assert_eq!(
        (count("raw.s1_pupil"), count("gov.submission where form = 'S1.PUPIL'")),
        ("3000".into(), "1".into()),
        "{}",
        again.err
    );
    assert!(run(&["doctor"]).ended(0).text().contains("lake         s3://warehouse/some/lake"));
    let refused = run(&[
        "freeze",
        "announce",
        "--year",
        "2024",
        "--from",
        "2024-10-07",
        "--to",
        "2024-10-11",
        "--date",
        "2024-10-10",
        "--now",
        "2024-09-01T00:00:00Z",
        "--override",
        "a rehearsal",
    ]);
    assert!(refused.err.contains("not possible in the object store"), "{:?} {}", refused.code, refused.err);
    sound("at the end");
}
