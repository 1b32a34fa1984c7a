//! What `measures.toml` says of locality is true: the rows of a region and year computed from the files that its
//! key names, all others gone, are the rows computed from the whole lake; beyond the partitions there are none.

use std::collections::BTreeSet;

use bilim::definitions::MeasureSet;
use bilim::lake::{AsOf, Snapshot};

use super::{country_of, rows, session};
use crate::equivalence::warehouse::{Warehouse, block_on, definitions};
use crate::support::{self, tiny_lake};

#[test]
fn a_partition_rests_on_the_files_of_its_key() {
    block_on(async {
        for number in 0..2 {
            let warehouse = Warehouse::new().await;
            warehouse.submit(&country_of(100 + number)).await;
            check(&warehouse.snapshot(AsOf::Latest).await).await;
        }
    });
}

#[test]
fn a_partition_of_the_worked_examples_rests_on_the_files_of_its_key() {
    support::block_on(async { check(&tiny_lake().await.snapshot).await });
}

async fn check(snapshot: &Snapshot) {
    let whole = session(snapshot, false);
    let mut checked = 0;
    let sets: Vec<(&String, &MeasureSet)> =
        definitions().catalogue.measures.iter().filter(|(_, set)| !set.local.is_empty()).collect();
    let partitions: BTreeSet<Vec<i32>> = sets
        .iter()
        .flat_map(|(_, set)| &set.local)
        .filter_map(|form| snapshot.table(&table(form)))
        .flat_map(|table| table.files.iter().map(|file| file.partition.clone()))
        .collect();
    for (name, set) in sets {
        let local: Vec<String> = set.local.iter().map(|form| table(form)).collect();
        let of_year: Vec<String> = set.of_year.iter().map(|form| table(form)).collect();
        let all = rows(&whole, &format!("select year, region from measures.{name}")).await;
        let is_known = |row: &Vec<String>| {
            let partition: Vec<i32> = row.iter().map(|cell| cell.parse().unwrap()).collect();
            local
                .iter()
                .filter_map(|table| snapshot.table(table))
                .any(|table| table.files.iter().any(|file| file.partition == partition))
        };
        assert!(all.iter().all(is_known), "{name} has rows where none of {local:?} has");
        let own: BTreeSet<&Vec<String>> = all.iter().collect();
        for partition in &partitions {
            let [year, region] = partition[..] else { panic!("{partition:?}") };
            if !own.contains(&vec![year.to_string(), region.to_string()]) {
                continue;
            }
            let only = snapshot.only(|table, at| {
                let is_of = |tables: &[String]| tables.iter().any(|name| name == table);
                if is_of(&of_year) {
                    at[0] == year
                } else if is_of(&local) {
                    at == [year, region]
                } else {
                    true
                }
            });
            let sql = format!("select * from measures.{name} where year = {year} and region = {region}");
            let (alone, expected) = (rows(&session(&only, false), &sql).await, rows(&whole, &sql).await);
            assert_eq!(alone, expected, "{name} in {partition:?}");
            checked += 1;
        }
    }
    assert!(checked > 20, "only {checked} partitions have rows");
}

fn table(form: &str) -> String {
    format!("raw.{}", definitions().form(form).unwrap_or_else(|| panic!("no form {form}")).table())
}
