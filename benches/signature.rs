//! How many signatures of heads are verified a second, on one core?
//!
//! Whole verdicts as `bilim submit` makes them: structure, digest, signature, chain of three, lists of two
//! authorities, and in the last case an OCSP response and a time stamp as well. The goal is 200 a second.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench that cannot go on has failed")]
#![allow(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use bilim_bench::median;

#[path = "../tests/it/signature/der.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod der;
#[path = "../tests/it/signature/judge.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod judge;
#[path = "../tests/it/signature/pki.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod pki;

/// What the shared modules expect of the tests.
mod support_cli {
    use bilim_domain::ids::Bin;

    /// The `number`-th organisation.
    pub fn bin(number: usize) -> Bin {
        (0..10).find_map(|last| Bin::from_stem(&format!("390140{:05}", number * 10 + last)).ok()).unwrap()
    }
}

/// Runs whose median counts, and how long each lasts.
const RUNS: usize = 7;
const RUN: Duration = Duration::from_millis(700);

fn main() {
    let pki = pki::Pki::get();
    let envelope = judge::envelope().to_bytes();
    let path = pki.path("bench.json");
    std::fs::write(&path, &envelope).unwrap();
    let mut whole = der::Forge::of(&pki.cades("head", &path));
    let response = der::Node::read(&pki.ocsp("head", "ocsp", "nca", &[]));
    let list = der::Node::of(0xa1, vec![der::Node::of(0x30, vec![response])]);
    let stamp = pki.stamp("tsa", &whole.value(), "sha256");
    let whole = whole
        .with("1.2.840.113549.1.9.16.2.14", &stamp)
        .with("1.2.840.113549.1.9.16.2.24", &der::Node::of(0x30, vec![list]).bytes());
    let cases = [
        ("rsa_2048", pki.cades("head", &path)),
        ("ecdsa_p256", pki.cades("head-ec", &path)),
        ("rsa_2048_stamped_ocsp", whole.bytes()),
    ];
    println!("| signature | verified a second, median of {RUNS} runs |");
    println!("|---|---|");
    for (name, signature) in cases {
        let confirmation = judge::accepted(&signature, Some(&envelope), judge::trust());
        assert_eq!(confirmation.role, "head");
        let each = median((0..RUNS).map(|_| verdict_time(&signature, &envelope)).collect());
        println!("| {name} | {:.0} |", each.as_secs_f64().recip());
    }
}

/// Time of one verdict on this thread.
fn verdict_time(signature: &[u8], envelope: &[u8]) -> Duration {
    let start = Instant::now();
    let mut done = 0_u32;
    while start.elapsed() < RUN {
        let verdict = judge::verdict(black_box(signature), Some(envelope), judge::trust());
        assert_eq!(verdict.code(), "OK");
        done += 1;
    }
    start.elapsed() / done
}
