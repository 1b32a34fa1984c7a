//! The server, asked by clients that no one here wrote, as a program on port 0.
//!
//! The Python packages are installed once into a virtual environment under the build folder; without them a test
//! says why it did not run, and fails in continuous integration.

mod server;

use std::path::{Path, PathBuf};
use std::process::Command;

use bilim_domain::records::Form;

use crate::lake::python::python;
use crate::support_cli::{Site, organisation, pupil};
use server::{PASSWORD, Server, USER};

/// What the environment of ADBC holds.
const ADBC: [&str; 5] =
    ["adbc-driver-flightsql==1.13.0", "adbc-driver-manager==1.13.0", "pandas<3", "polars", "pyarrow"];

/// What that of `SQLAlchemy` holds: the dialect knows version 1.4 only.
const SQLALCHEMY: [&str; 3] = ["flightsql-dbapi==0.2.2", "sqlalchemy<2", "pandas"];

/// What a notebook needs beside ADBC.
const NOTEBOOK: [&str; 7] = [
    "adbc-driver-flightsql==1.13.0",
    "adbc-driver-manager==1.13.0",
    "ipykernel",
    "matplotlib",
    "nbclient",
    "pandas<3",
    "pyarrow",
];

/// The interpreter of an environment; `None` after saying why there is none.
fn interpreter(name: &str, packages: &[&str]) -> Option<PathBuf> {
    match python(name, packages) {
        Ok(interpreter) => Some(interpreter),
        Err(reason) => {
            assert!(std::env::var_os("CI").is_none(), "no virtual environment: {reason}");
            eprintln!("skipped: no virtual environment: {reason}");
            None
        }
    }
}

/// A lake with three organisations and their pupils, in two versions.
fn lake() -> Site {
    let site = Site::new();
    let far = [("district", "153400000"), ("year", "2023")];
    site.land(
        Form::Organisation,
        "org.csv",
        &[organisation(1, &[]), organisation(2, &far), organisation(3, &[])],
    );
    let rows: Vec<String> = (1..=500)
        .map(|index| pupil(usize::try_from(index % 3 + 1).unwrap(), index * 0x0123_4567_89ab, &[]))
        .collect();
    site.land(Form::Pupil, "pupil.csv", &rows);
    site
}

/// Run a script of this folder against a server; it must succeed and say that it came to its end.
fn run(interpreter: &Path, script: &str, site: &Site, server: &Server) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/flight").join(script);
    let mut command = Command::new(interpreter);
    site.prepare(&mut command);
    command
        .arg(&path)
        .env("BILIM", crate::support::program())
        .env("BILIM_URI", &server.uri)
        .env("BILIM_HTTP", &server.http)
        .env("BILIM_USER", USER)
        .env("BILIM_PASSWORD", PASSWORD)
        .env("BILIM_NOTEBOOKS", Path::new(env!("CARGO_MANIFEST_DIR")).join("dashboards/notebooks"))
        .env("PYTHONDONTWRITEBYTECODE", "1");
    let output = command.output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(
        output.status.success() && out.ends_with("done\n"),
        "{script}: {out}\n{err}\nserver:\n{}",
        server.log()
    );
}

#[test]
fn adbc_connects_asks_lists_and_cancels() {
    let Some(interpreter) = interpreter("adbc", &ADBC) else { return };
    let site = lake();
    let server = Server::start(&site, &[]);
    run(&interpreter, "adbc.py", &site, &server);
}

#[test]
fn sqlalchemy_connects_inspects_and_asks() {
    let Some(interpreter) = interpreter("sqlalchemy", &SQLALCHEMY) else { return };
    let site = lake();
    let server = Server::start(&site, &[]);
    run(&interpreter, "dialect.py", &site, &server);
}

#[test]
fn notebooks_run_to_their_end() {
    let Some(interpreter) = interpreter("notebook", &NOTEBOOK) else { return };
    let site = lake();
    let server = Server::start(&site, &[]);
    run(&interpreter, "notebooks.py", &site, &server);
}

#[test]
fn recorded_calls_of_jdbc_and_grafana_are_answered() {
    let Some(interpreter) = interpreter("adbc", &ADBC) else { return };
    let site = lake();
    let server = Server::start(&site, &[]);
    run(&interpreter, "replay.py", &site, &server);
}

/// An authority and what it certified for the server and a client, in the folder of a site.
fn certify(site: &Site) {
    let openssl = |arguments: &[&str]| {
        let output = Command::new("openssl").args(arguments).current_dir(site.folder()).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    let authority =
        ["req", "-x509", "-days", "2", "-subj", "/CN=test", "-keyout", "ca.key", "-out", "ca.pem"];
    openssl(&[&authority[..], &key[..]].concat());
    site.write("names", "subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n");
    for name in ["server", "client"] {
        let (own, request, out) = (format!("{name}.key"), format!("{name}.csr"), format!("{name}.pem"));
        let asked = ["req", "-subj", "/CN=test", "-keyout", &own, "-out", &request];
        openssl(&[&asked[..], &key[..]].concat());
        openssl(&[
            "x509",
            "-req",
            "-days",
            "2",
            "-in",
            &request,
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-CAcreateserial",
            "-extfile",
            "names",
            "-out",
            &out,
        ]);
    }
}

#[test]
fn with_a_certificate_everything_is_encrypted() {
    let Some(interpreter) = interpreter("adbc", &ADBC) else { return };
    let site = Site::new();
    certify(&site);
    let encrypted = ["--tls-cert", "server.pem", "--tls-key", "server.key"];
    let server = Server::start(&site, &encrypted);
    run(&interpreter, "tls.py", &site, &server);
    drop(server);
    site.write("asks-for-certificates", "");
    let server = Server::start(&site, &[&encrypted[..], &["--tls-client-ca", "ca.pem"]].concat());
    run(&interpreter, "tls.py", &site, &server);
}

#[test]
fn nothing_is_served_in_the_open_or_to_nobody() {
    let site = Site::new();
    let open = site.run(&["serve", "--flight", "0.0.0.0:0"]).ended(4);
    assert!(open.err.contains("--tls-cert"), "{}", open.err);
    assert!(!open.err.contains("nobody can sign in"), "the first token is shown once: {}", open.err);
    let server = Server::start(&site, &[]);
    assert_eq!(server.get("/livez"), (200, "ok\n".to_owned()));
    assert_eq!(server.get("/readyz"), (200, "ok\n".to_owned()));
    let (status, metrics) = server.get("/metrics");
    assert_eq!(status, 200);
    assert!(metrics.contains("\nbilim_lake_version "), "{metrics}");
    assert_eq!(server.get("/").0, 404);
}

#[test]
fn a_signal_ends_the_server_in_order() {
    let site = lake();
    let mut server = Server::start(&site, &[]);
    assert_eq!(server.terminate(), Some(0), "{}", server.log());
    let report = site.run(&["verify", "audit"]).ended(0).err;
    assert!(report.contains("0 problems"), "{report}");
}
