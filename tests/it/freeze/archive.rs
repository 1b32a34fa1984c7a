//! The archive: immutable, complete, signed, checked without the lake.

use std::fs;
use std::path::{Path, PathBuf};

use bilim_domain::records::Form;

use super::{AFTER, Fixing, INSIDE};
use crate::lake::{assert_sound, files_below};
use crate::support_cli::{Run, organisation};

/// Verify the archive of 2024 by its folder and the roots alone.
fn verify(fixing: &Fixing, folder: &Path) -> Run {
    let mut command =
        fixing.site.command(&["verify", "archive", "2024", "--roots", "ministry-roots", "--dir"]);
    command.arg(folder).env_remove("BILIM_LAKE").output().unwrap().into()
}

/// A copy of the archive that may be spoilt.
fn copy(fixing: &Fixing, name: &str) -> PathBuf {
    let target = fixing.site.folder().join(name);
    for file in files_below(&fixing.archive(), "") {
        let to = target.join(file.strip_prefix(fixing.archive()).unwrap());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::write(to, fs::read(file).unwrap()).unwrap();
    }
    target
}

#[test]
fn r_34_archive_is_immutable_and_verifies() {
    let fixing = Fixing::fixed();
    assert!(verify(&fixing, &fixing.archive()).ended(0).err.contains("signature valid"));
    let bytes = |fixing: &Fixing| -> Vec<(PathBuf, Vec<u8>)> {
        files_below(&fixing.archive(), "")
            .into_iter()
            .map(|path| (path.clone(), fs::read(path).unwrap()))
            .collect()
    };
    let before = bytes(&fixing);
    let now = "select count(*) from archive_2024.raw.s1_org";
    assert_eq!(fixing.value(now), "4");
    // A correction lives in the live lake.
    let changed = organisation(2, &[("design_capacity", "999")]);
    fixing.land_at(AFTER, Form::Organisation, "fix.csv", &[changed]).ended(0);
    fixing.land_at(AFTER, Form::Organisation, "more.csv", &[organisation(9, &[])]).ended(0);
    assert_eq!(fixing.value("select max(design_capacity) from raw.s1_org"), "999");
    assert_eq!(fixing.value("select max(design_capacity) from archive_2024.raw.s1_org"), "100");
    // No statement writes.
    for statement in [
        "insert into archive_2024.raw.s1_org select * from raw.s1_org",
        "delete from archive_2024.raw.s1_org",
        "drop table archive_2024.raw.s1_org",
        "create view archive_2024.mart.mine as select 1",
    ] {
        fixing.at(AFTER, &["sql", statement]).ended(2);
    }
    assert_eq!(bytes(&fixing), before);
    assert!(before.iter().all(|(path, _)| fs::metadata(path).unwrap().permissions().readonly()));
    assert!(verify(&fixing, &fixing.archive()).ended(0).err.contains(" 0 problems"));
    fixing.at(AFTER, &["verify", "archive", "2024", "--roots", "ministry-roots"]).ended(0);
    assert_sound(&fixing.site);
    let row = "select status, lake_version, signer, row_count > 10 from gov.freeze where year = 2024";
    let row = fixing.site.sql(row);
    let version = fixing.value("select lake_version from gov.freeze_event where event = 'begun'");
    assert_eq!(row.lines().last().unwrap(), format!("fixed,{version},CN=Ministry,true"));
}

/// Every single-bit flip in manifest, signature and sums, and one in each other file.
#[test]
fn r_34_a_flipped_bit_is_found() {
    let fixing = Fixing::fixed();
    let folder = copy(&fixing, "flipped");
    let roots = bilim::lake::archive::Roots::from_dir(&fixing.site.folder().join("ministry-roots")).unwrap();
    let check = || bilim::lake::archive::verify_archive(&folder, Some(2024), Some(&roots)).problems;
    assert_eq!(check(), []);
    let mut flips = 0;
    for path in files_below(&folder, "") {
        let sound = fs::read(&path).unwrap();
        let is_small = ["manifest.p7s", "SHA256SUMS"].iter().any(|name| path.ends_with(name));
        let step = if is_small { 3 } else { sound.len() * 8 / 2 + 1 };
        for bit in (0..sound.len() * 8).step_by(step) {
            let mut spoilt = sound.clone();
            spoilt[bit / 8] ^= 1 << (bit % 8);
            fs::write(&path, &spoilt).unwrap();
            assert_ne!(check(), [], "{}: bit {bit}", path.display());
            flips += 1;
        }
        fs::write(&path, &sound).unwrap();
    }
    assert_eq!(check(), []);
    assert!(flips > 1000, "{flips}");
}

#[test]
fn r_34_missing_added_and_foreign_files_are_found() {
    let fixing = Fixing::fixed();
    let folder = copy(&fixing, "spoilt");
    verify(&fixing, &folder).ended(0);
    let data = files_below(&folder, ".parquet").pop().unwrap();
    let bytes = fs::read(&data).unwrap();
    fs::remove_file(&data).unwrap();
    let run = verify(&fixing, &folder).ended(3);
    assert!(run.text().contains("it is missing"), "{}", run.text());
    fs::write(&data, &bytes).unwrap();
    for added in ["note.txt", "raw/s1_org/year=2024/region=11/more.parquet", "definitions/sql/mart/mine.sql"]
    {
        fs::create_dir_all(folder.join(added).parent().unwrap()).unwrap();
        fs::write(folder.join(added), "").unwrap();
        let run = verify(&fixing, &folder).ended(3);
        assert!(run.text().contains("does not name it"), "{}", run.text());
        fs::remove_file(folder.join(added)).unwrap();
    }
    verify(&fixing, &folder).ended(0);
    // A manifest of another year, an archive asked for as another year's, a signature of somebody else.
    let run = fixing.at(AFTER, &["verify", "archive", "2023", "--dir", folder.to_str().unwrap()]).ended(3);
    assert!(run.text().contains("it is the manifest of 2024"), "{}", run.text());
    fixing.make_keys("stranger");
    let run = fixing.at(AFTER, &["verify", "archive", "2024", "--roots", "stranger-roots"]).ended(3);
    assert!(run.text().contains("no valid signature"), "{}", run.text());
    fs::remove_file(folder.join("manifest.p7s")).unwrap();
    let run = verify(&fixing, &folder).ended(3);
    assert!(run.text().contains("nobody has signed"), "{}", run.text());
    // The same in the lake: whole in itself, but not what was recorded.
    fs::remove_dir_all(fixing.archive()).unwrap();
    let run = fixing.at(AFTER, &["sql", "select * from archive_2024.raw.s1_org"]);
    assert_ne!(run.code, Some(0));
    assert_eq!(fixing.value("select count(*) from raw.s1_org"), "4");
    fixing.at(AFTER, &["verify", "archive", "2024"]).ended(3);
    fixing.at(AFTER, &["verify"]).ended(3);
    fixing.at(AFTER, &["verify", "archive", "2022"]).ended(4);
}

/// Who has no root certificate still sees that a rewritten archive is not the recorded one.
#[test]
fn r_34_a_rewritten_archive_is_not_the_recorded_one() {
    let fixing = Fixing::fixed();
    let other = Fixing::announced();
    other.at("2024-10-10T06:00:00Z", &["freeze", "run", "--year", "2024", "--unsigned"]).ended(0);
    fs::remove_dir_all(fixing.archive()).unwrap();
    fs::rename(other.archive(), fixing.archive()).unwrap();
    let run = fixing.at(AFTER, &["verify", "archive", "2024"]).ended(3);
    assert!(run.text().contains("not the one that the lake recorded"), "{}", run.text());
    let run = fixing.at(AFTER, &["sql", "select * from archive_2024.raw.s1_org"]);
    assert!(run.err.contains("not the manifest that the lake recorded"), "{}", run.err);
}

#[test]
fn r_34_a_correction_is_an_addendum() {
    let fixing = Fixing::fixed();
    let addendum = |now: &str| {
        let arguments = ["freeze", "run", "--year", "2024", "--addendum", "court order 7"];
        let signed = ["--sign-key", "ministry.key", "--sign-cert", "ministry.pem"];
        fixing.at(now, &[&arguments[..], &signed].concat())
    };
    fixing.land_at(AFTER, Form::Organisation, "more.csv", &[organisation(9, &[])]).ended(0);
    addendum(AFTER).ended(0);
    fixing.land_at(AFTER, Form::Organisation, "again.csv", &[organisation(10, &[])]).ended(0);
    addendum(AFTER).ended(0);
    let counts = ["archive_2024", "archive_2024_addendum_1", "archive_2024_addendum_2"]
        .map(|catalog| fixing.value(&format!("select count(*) from {catalog}.raw.s1_org")));
    assert_eq!(counts, ["4", "5", "6"]);
    // Each names the one before it.
    let chain = "select coalesce(parent_sha256 = lag(manifest_sha256) over (order by sequence), false) from gov.freeze_event \
                 where archive is not null order by sequence";
    assert_eq!(fixing.site.sql(chain).lines().skip(1).collect::<Vec<_>>(), ["false", "true", "true"]);
    let parent = fixing.value("select manifest_sha256 from gov.freeze_event where event = 'fixed'");
    let manifest =
        fs::read_to_string(fixing.site.lake().join("archive/2024-addendum-1/manifest.json")).unwrap();
    assert!(
        manifest.contains(&format!("\"parent_sha256\":\"{parent}\"")) && manifest.contains("court order 7")
    );
    let run = fixing.at(AFTER, &["verify", "archive", "2024", "--roots", "ministry-roots"]).ended(0);
    assert_eq!(run.err.matches("signature valid").count(), 3, "{}", run.err);
    // Without a fixing there is nothing to add to.
    let fixing = Fixing::announced();
    let arguments = ["freeze", "run", "--year", "2024", "--addendum", "early", "--unsigned"];
    assert!(fixing.at(INSIDE, &arguments).ended(4).err.contains("not fixed"));
}

#[test]
fn a_key_that_is_not_the_certificates_signs_nothing() {
    let fixing = Fixing::announced();
    fixing.make_keys("ministry");
    fixing.make_keys("stranger");
    let arguments =
        ["freeze", "run", "--year", "2024", "--sign-key", "stranger.key", "--sign-cert", "ministry.pem"];
    let run = fixing.at(INSIDE, &arguments).ended(4);
    assert!(run.err.contains("not the certificate of the key"), "{}", run.err);
    fixing.at(INSIDE, &["freeze", "run", "--year", "2024"]).ended(2);
    assert_eq!(fixing.value("select count(*) from gov.freeze_event"), "1");
}
