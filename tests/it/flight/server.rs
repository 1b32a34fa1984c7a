//! A server of a test: started on free ports, ended with the test.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support_cli::Site;

/// The account of the tests.
pub const USER: &str = "ministry";

/// Its password.
pub const PASSWORD: &str = "correct-horse-battery";

/// How long a server may take to listen, or to end.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running server.
pub struct Server {
    child: Child,
    log: PathBuf,
    /// Where Flight SQL is: `grpc://...`.
    pub uri: String,
    /// Where HTTP is: `127.0.0.1:...`.
    pub http: String,
}

impl Server {
    /// Start one over the lake of a site.
    pub fn start(site: &Site, more: &[&str]) -> Self {
        let ready = site.folder().join("ready.json");
        let log = site.folder().join("server.log");
        let _ = fs::remove_file(&ready);
        let password = site.write("password", PASSWORD).display().to_string();
        let is_known = site.run(&["user", "list", "--format", "csv"]).ended(0).text().contains(USER);
        for (name, role) in [(USER, "ministry"), ("other", "ministry"), ("everybody", "public")] {
            if !is_known {
                site.run(&["user", "add", name, "--role", role, "--password-file", &password]).ended(0);
            }
        }
        let mut command: Command =
            site.command(&["serve", "--flight", "127.0.0.1:0", "--http", "127.0.0.1:0"]);
        let child = command
            .arg("--ready-file")
            .arg(&ready)
            .args(more)
            .stdout(Stdio::null())
            .stderr(fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut server = Self { child, log, uri: String::new(), http: String::new() };
        let since = Instant::now();
        let text = loop {
            if let Ok(text) = fs::read_to_string(&ready) {
                break text;
            }
            let ended = server.child.try_wait().unwrap();
            assert!(ended.is_none() && since.elapsed() < PATIENCE, "not ready: {}", server.log());
            std::thread::sleep(Duration::from_millis(20));
        };
        let ready: serde_json::Value = serde_json::from_str(&text).unwrap();
        ready["flight_uri"].as_str().unwrap().clone_into(&mut server.uri);
        ready["http"].as_str().unwrap().clone_into(&mut server.http);
        server
    }

    /// What it wrote to standard error.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Status and body of a page.
    pub fn get(&self, path: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.http).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.http).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, body.to_owned())
    }

    /// Ask it to end, and wait; its exit code.
    pub fn terminate(&mut self) -> Option<i32> {
        Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        let since = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(since.elapsed() < PATIENCE, "it does not end: {}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
