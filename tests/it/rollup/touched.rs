//! After a landing only the touched partitions are made again, and only they are computed meanwhile.

use std::collections::{BTreeMap, BTreeSet};

use bilim::lake::{AsOf, Snapshot};
use bilim_domain::records::Record;

use super::{country_of, definitions, missing, plan, refresh, rows, session};
use crate::equivalence::warehouse::{Warehouse, block_on};

/// A lake whose rollups are all there, and a landing of pupils of one organisation and year.
async fn corrected() -> (Warehouse, Vec<i32>) {
    let warehouse = Warehouse::new().await;
    let records = country_of(200);
    warehouse.submit(&records).await;
    let snapshot = warehouse.snapshot(AsOf::Latest).await;
    refresh(&snapshot).await;
    assert_eq!(missing(&snapshot).await, []);
    let pupils: Vec<&Record> = records.iter().filter(|record| record.form().code() == "S1.PUPIL").collect();
    let before: BTreeMap<Vec<i32>, String> = partitions(&snapshot);
    // The last row of an organisation gone, the others as they were.
    let Some(Record::Pupil(last)) = pupils.last() else { panic!("the country has no pupils") };
    let of_scope = |record: &&&Record| matches!(record, Record::Pupil(one) if one.org_bin == last.org_bin && one.year == last.year);
    let mut scope: Vec<Record> = pupils.iter().filter(of_scope).map(|record| (*record).clone()).collect();
    let Some(Record::Pupil(first)) = scope.first_mut() else { panic!("the scope has no rows") };
    first.has_sen = !first.has_sen;
    warehouse.submit(&scope).await;
    let after = partitions(&warehouse.snapshot(AsOf::Latest).await);
    let changed: Vec<Vec<i32>> = after
        .into_iter()
        .filter(|(partition, key)| before.get(partition) != Some(key))
        .map(|(at, _)| at)
        .collect();
    assert_eq!(changed.len(), 1, "one organisation lies in one partition");
    (warehouse, changed[0].clone())
}

/// Content of every partition of the pupils.
fn partitions(snapshot: &Snapshot) -> BTreeMap<Vec<i32>, String> {
    let table = snapshot.table("raw.s1_pupil").unwrap();
    let all: BTreeSet<&Vec<i32>> = table.files.iter().map(|file| &file.partition).collect();
    all.into_iter().map(|partition| (partition.clone(), table.partition_key(partition))).collect()
}

#[test]
fn only_touched_partitions_are_made_again() {
    block_on(async {
        let (warehouse, touched) = corrected().await;
        let snapshot = warehouse.snapshot(AsOf::Latest).await;
        let lacking: BTreeMap<String, Vec<Vec<i32>>> = missing(&snapshot).await.into_iter().collect();
        for (name, set) in &definitions().catalogue.measures {
            let rests = |forms: &[String]| forms.iter().any(|form| form == "S1.PUPIL");
            let expected = match (rests(&set.of_year), rests(&set.local)) {
                (false, true) => vec![touched.clone()],
                (true, _) => lacking.get(name).cloned().unwrap_or_default(),
                // Whatever rests on everything that it reads is one rollup.
                (false, false) if set.local.is_empty() => continue,
                (false, false) => Vec::new(),
            };
            let found = lacking.get(name).cloned().unwrap_or_default();
            assert!(found.iter().all(|partition| partition[0] == touched[0]), "{name}: {found:?}");
            assert_eq!(found, expected, "{name}");
        }
        let made: BTreeMap<String, Vec<Vec<i32>>> =
            refresh(&snapshot).await.into_iter().map(|one| (one.measure, one.made)).collect();
        assert_eq!(made["enrolment"], [touched]);
        assert_eq!(made["staff"], Vec::<Vec<i32>>::new());
        assert_eq!(missing(&snapshot).await, []);
    });
}

#[test]
fn a_plan_says_what_is_read_and_what_is_computed() {
    block_on(async {
        let (warehouse, touched) = corrected().await;
        let snapshot = warehouse.snapshot(AsOf::Latest).await;
        let sql = "select sum(learner_count) from measures.enrolment";
        let (with, without) = (session(&snapshot, true), session(&snapshot, false));
        let shown = plan(&with, sql).await;
        let [year, region] = touched[..] else { panic!("{touched:?}") };
        assert!(shown.contains(&format!("computed=[{year}: {region}]")), "{shown}");
        // Of the records only the touched partition is read.
        let files = |text: &str| text.matches("raw/s1_pupil/year=").count();
        let own = format!("raw/s1_pupil/year={year}/region={region}/");
        assert!(files(&shown) > 0 && shown.matches(&own).count() == files(&shown), "{shown}");
        assert_eq!(rows(&with, sql).await, rows(&without, sql).await);
        assert!(!plan(&without, sql).await.contains("RollupExec"));
        refresh(&snapshot).await;
        let shown = plan(&session(&snapshot, true), sql).await;
        assert!(shown.contains("computed=[none]") && files(&shown) == 0, "{shown}");
        // A region and year that is asked for is all that is read.
        let one = format!("{sql} where year = {year} and region = {region}");
        let shown = plan(&session(&snapshot, true), &one).await;
        assert!(shown.contains(&format!("read=[{year}: {region}], computed=[none]")), "{shown}");
        let found = rows(&session(&snapshot, true), &one).await;
        assert_eq!(found, rows(&without, &one).await);
    });
}
