//! Single bits flipped in data, log, lake versions, manifest, signature and sums: each is found.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::extension::BasicConstraints;
use openssl::x509::{X509, X509NameBuilder};

use super::super::archive::{FreezeJob, Roots, SignatureState, Signer, verify_archive};
use super::freeze::{announced, by_clock, job};
use super::*;

/// Flips of the lake, and of its archive.
const LAKE_FLIPS: usize = 7000;
const ARCHIVE_FLIPS: usize = 3000;

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// Places spread evenly over all bits of the files, each file at least once: (file, bit).
fn places(files: &[PathBuf], count: usize) -> Vec<(usize, usize)> {
    let bits: Vec<usize> = files
        .iter()
        .map(|path| usize::try_from(std::fs::metadata(path).unwrap().len()).unwrap() * 8)
        .collect();
    let all: usize = bits.iter().sum();
    let mut chosen: BTreeSet<(usize, usize)> =
        (0..files.len()).filter(|file| bits[*file] > 0).map(|file| (file, 0)).collect();
    let mut seed = 459_u64;
    while chosen.len() < count {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut bit = usize::try_from(seed >> 20).unwrap() % all;
        let file = bits.iter().position(|length| {
            let is_here = bit < *length;
            if !is_here {
                bit -= length;
            }
            is_here
        });
        chosen.insert((file.unwrap(), bit));
    }
    chosen.into_iter().collect()
}

fn flip(path: &Path, bit: usize) {
    let mut bytes = std::fs::read(path).unwrap();
    bytes[bit / 8] ^= 1 << (bit % 8);
    std::fs::write(path, bytes).unwrap();
}

/// What verify vouches for: everything but the lock's note.
fn of_lake(lake: &Lake) -> Vec<PathBuf> {
    let is_vouched = |path: &PathBuf| {
        let relative = path.strip_prefix(lake.root()).unwrap();
        ["raw", "gov", "snapshots", "definitions"].iter().any(|folder| relative.starts_with(folder))
    };
    files(lake.root()).into_iter().filter(is_vouched).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn seven_thousand_bits_of_a_lake() {
    let (_place, lake) = Place::new().await;
    let writer = lake.writer(options()).await.unwrap();
    land(&writer, &form(), "one", &[(2024, 110_000_000, 1, 1, None)]).await.unwrap();
    land(&writer, &form(), "two", &[(2024, 110_000_000, 1, 2, None)]).await.unwrap();
    drop(writer);
    let files = of_lake(&lake);
    let mut missed = Vec::new();
    for (file, bit) in places(&files, LAKE_FLIPS) {
        flip(&files[file], bit);
        let is_found = match lake.verify(true, 1).await {
            Ok(report) => !report.problems.is_empty(),
            // It cannot even be opened.
            Err(_) => true,
        };
        if !is_found {
            missed.push(format!("{}: bit {bit}", files[file].display()));
        }
        flip(&files[file], bit);
    }
    assert_eq!(missed, Vec::<String>::new());
    assert!(lake.verify(true, 1).await.unwrap().problems.is_empty());
}

/// A certificate of the year of the fixing; without an issuer a root.
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
    builder.set_not_after(&Asn1Time::from_str("20241231235959Z").unwrap()).unwrap();
    builder.set_pubkey(key).unwrap();
    let mut basic = BasicConstraints::new();
    if issuer.is_none() {
        basic.ca();
    }
    builder.append_extension(basic.critical().build().unwrap()).unwrap();
    builder.sign(issuer.map_or(key, |(_, key)| key), MessageDigest::sha256()).unwrap();
    builder.build()
}

/// A key under an authority of its own, and that authority.
fn authority() -> (Signer, Roots) {
    let key = || {
        let curve = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        PKey::from_ec_key(EcKey::generate(&curve).unwrap()).unwrap()
    };
    let (root_key, own_key) = (key(), key());
    let root = certificate("Root", &root_key, None);
    let own = certificate("Ministry", &own_key, Some((&root, &root_key)));
    let folder = tempfile::tempdir().unwrap();
    let roots = folder.path().join("roots");
    let (key_file, own_file) = (folder.path().join("own.key"), folder.path().join("own.pem"));
    std::fs::create_dir(&roots).unwrap();
    std::fs::write(roots.join("root.pem"), root.to_pem().unwrap()).unwrap();
    std::fs::write(&own_file, own.to_pem().unwrap()).unwrap();
    std::fs::write(&key_file, own_key.private_key_to_pem_pkcs8().unwrap()).unwrap();
    (Signer::from_pem(&key_file, &own_file).unwrap(), Roots::from_dir(&roots).unwrap())
}

/// Bits spread over all files, and one of every byte of the signature, whether or not there is a root to hold
/// it against.
#[tokio::test]
async fn three_thousand_bits_of_a_signed_archive() {
    let (_place, lake) = announced().await;
    let writer = lake.writer(by_clock("2024-10-09T06:00:00Z", None)).await.unwrap();
    let (signer, roots) = authority();
    writer.freeze(FreezeJob { signer: Some(signer), ..job() }).await.unwrap();
    let folder = lake.root().join("archive/2024");
    let copy = tempfile::tempdir().unwrap();
    for path in files(&folder) {
        let to = copy.path().join(path.strip_prefix(&folder).unwrap());
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::write(to, std::fs::read(path).unwrap()).unwrap();
    }
    let files = files(copy.path());
    let check = |roots: Option<&Roots>| verify_archive(copy.path(), Some(2024), roots);
    let sound = check(Some(&roots));
    assert_eq!((sound.problems, sound.signature), (Vec::new(), SignatureState::Valid));
    assert_eq!(check(None).problems, []);
    let mut places = places(&files, ARCHIVE_FLIPS);
    let signature = files.iter().position(|path| path.ends_with("manifest.p7s")).unwrap();
    let size = usize::try_from(std::fs::metadata(&files[signature]).unwrap().len()).unwrap();
    places.extend((0..size).map(|byte| (signature, byte * 8 + byte % 8)));
    let mut missed = Vec::new();
    for (file, bit) in places {
        flip(&files[file], bit);
        let held = (file == signature).then_some(&roots);
        if check(None).problems.is_empty() || (held.is_some() && check(held).problems.is_empty()) {
            missed.push(format!("{}: bit {bit}", files[file].display()));
        }
        flip(&files[file], bit);
    }
    assert_eq!(missed, Vec::<String>::new());
    assert_eq!(check(Some(&roots)).problems, []);
}
