//! How many signatures of heads are verified a second, on one core?
//!
//! Whole verdicts as `bilim submit` makes them: structure, digest, signature, chain of three, lists of two
//! authorities, and in the last case an OCSP response and a time stamp as well. The goal is 200 a second.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench that cannot go on has failed")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};

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

fn signatures(criterion: &mut Criterion) {
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
    let mut group = criterion.benchmark_group("signature");
    group.throughput(Throughput::Elements(1));
    for (name, signature) in cases {
        let confirmation = judge::accepted(&signature, Some(&envelope), judge::trust());
        assert_eq!(confirmation.role, "head");
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let verdict = judge::verdict(black_box(&signature), Some(&envelope), judge::trust());
                assert_eq!(verdict.code(), "OK");
            });
        });
    }
    group.finish();
}

criterion_group!(benches, signatures);
criterion_main!(benches);
