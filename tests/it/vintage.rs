//! Territory in any vintage: what an organisation reported follows the organisation, the rest goes by weights, and
//! every total stays what it was.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use bilim::config::{Config, Lens};
use bilim_domain::ids::Kato;
use bilim_domain::records::Record;
use datafusion::prelude::SessionContext;
use proptest::prelude::*;

use crate::equivalence::country::country;
use crate::equivalence::invariants::is_read;
use crate::equivalence::warehouse::{Warehouse, block_on};
use crate::support::{self, TestLake};

/// Rows of an answer as texts.
async fn rows(ctx: &SessionContext, sql: &str) -> Vec<Vec<String>> {
    support::texts(&ctx.sql(sql).await.unwrap().collect().await.unwrap())
}

/// The tiny country of 2023 and 2024 two years earlier, 2021 and 2022, in districts that changed on 7 and 8 June 2022.
fn shifted(folder: &Path) -> Vec<(String, PathBuf)> {
    let tiny = Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets/fixtures/tiny");
    ["S1.ORG", "S1.PUPIL"]
        .into_iter()
        .map(|form| {
            let name = format!("{}.csv", form.to_lowercase().replace('.', "_"));
            let text = fs::read_to_string(tiny.join(&name)).unwrap();
            let mut lines: Vec<String> = text.lines().take(1).map(str::to_owned).collect();
            for line in text.lines().skip(1) {
                let cells: Vec<&str> = line.split(',').collect();
                let year: i32 = cells[0].parse().unwrap();
                if year < 2023 {
                    continue;
                }
                let (bin, year) = (cells[2], year - 2);
                let district = place(bin, year).to_string();
                let mut cells: Vec<String> = cells.into_iter().map(earlier).collect();
                cells[0] = year.to_string();
                cells[1] = district;
                bin.clone_into(&mut cells[2]);
                lines.push(cells.join(","));
            }
            let path = folder.join(name);
            fs::write(&path, lines.join("\n") + "\n").unwrap();
            (form.to_owned(), path)
        })
        .collect()
}

/// Dates and months two years earlier.
fn earlier(cell: &str) -> String {
    let is_date = cell.len() >= 7 && cell.as_bytes()[4] == b'-' && cell[..4].parse::<i32>().is_ok();
    if !is_date {
        return cell.to_owned();
    }
    let year: i32 = cell[..4].parse().unwrap();
    format!("{}{}", year - 2, &cell[4..])
}

/// Where the organisations of the tiny country stand here.
fn place(bin: &str, year: i32) -> i32 {
    let is_before = year == 2021;
    match bin {
        // A1 and A6 stay in Tarbagatai; A2 comes to Aksuat, which was cut from it; X1 has no passport.
        "990140001005" | "990140006006" | "990140011002" => 635_800_000,
        "990140002003" => {
            if is_before {
                635_800_000
            } else {
                103_400_000
            }
        }
        // A3 and A4 are in Taldykorgan, B1 and B3 in Kapshagai, which got Taldykorgan's code as Konaev.
        "990140003001" | "990140004009" => {
            if is_before {
                191_000_000
            } else {
                331_000_000
            }
        }
        "990140007004" | "990140009000" => {
            if is_before {
                191_600_000
            } else {
                191_000_000
            }
        }
        // B2 is in the part of Kokpekti that became Samar, D1 in Semey; A5 stands under the region.
        "990140008002" => {
            if is_before {
                635_000_000
            } else {
                635_600_000
            }
        }
        "990140010004" => {
            if is_before {
                632_800_000
            } else {
                101_000_000
            }
        }
        _ => 630_000_000,
    }
}

async fn earlier_country(folder: &Path) -> TestLake {
    support::lake_of(&shifted(folder), None).await
}

const SCHOOLS: &str = "select geo_code, geo_name_en, numerator, weighted_share, weight_kind, flag \
                       from mart.indicator_vintage where indicator = 'CON-01' and level = 'school' and breakdown = 'total'";

/// Pupils of 2021 (A1 9, A2 4, A3 5, A6 3, B1 6, B2 3, D1 4, X1 1) in the division of 2022.
///
/// A2 stands in Aksuat itself. X1 is known in no later year: Tarbagatai's pupils of 2022 are 9 (A1; A6 is closed),
/// Aksuat's 5 (A2), so 5/14 of its one pupil are Aksuat's: 1 * 5 / 14 * 1024 = 365.7, 365 of 1024 rounded down.
#[test]
fn organisations_go_where_they_stand_and_the_rest_by_pupils() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let lake = earlier_country(folder.path()).await;
        let found = rows(
            &lake.ctx,
            &format!("{SCHOOLS} and tier = 'district' and year = 2021 and boundary_vintage = '2022' order by geo_code"),
        )
        .await;
        let part = 365.0 / 1024.0;
        let share = |weighted: f64, whole: f64| format!("{}", weighted / whole);
        let expected = [
            [
                "103400000",
                "Aksuat district",
                &format!("{}", 4.0 + part),
                &share(part, 4.0 + part),
                "pupils",
                "estimate",
            ],
            ["101000000", "Semey city", "4.0", "0.0", "exact", "ok"],
            ["191000000", "Konaev city", "6.0", "0.0", "exact", "ok"],
            ["331000000", "Taldykorgan city", "5.0", "0.0", "exact", "ok"],
            ["635600000", "Samar district", "3.0", "0.0", "exact", "ok"],
            [
                "635800000",
                "Tarbagatay district",
                &format!("{}", 13.0 - part),
                &share(1.0 - part, 13.0 - part),
                "pupils",
                "estimate",
            ],
        ];
        let mut expected: Vec<Vec<String>> =
            expected.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect();
        expected.sort();
        assert_eq!(found, expected);
    });
}

/// Going back is exact: Aksuat's pupils of 2022 (A2 5) are Tarbagatai's, and Konaev's (B1 8) are Kapshagai's, although
/// the code 191000000 was Taldykorgan's in that division, whose kindergarten A4 (3 children) keeps it.
#[test]
fn a_code_used_twice_never_merges_two_cities() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let lake = earlier_country(folder.path()).await;
        let found = rows(
            &lake.ctx,
            "select geo_code, geo_id, geo_name_en, level, numerator, weight_kind from mart.indicator_vintage \
             where indicator = 'CON-01' and level in ('school', 'pre_school') and breakdown = 'total' and tier = 'district' \
             and year = 2022 and boundary_vintage = '2018' and numerator > 0 order by geo_code, level",
        )
        .await;
        let expected = [
            ["191000000", "191000", "Taldykorgan city", "pre_school", "3.0", "exact"],
            ["191600000", "191600", "Kapshagai city", "pre_school", "3.0", "exact"],
            ["191600000", "191600", "Kapshagai city", "school", "8.0", "exact"],
            ["632800000", "632800", "Semey city", "school", "4.0", "exact"],
            ["635000000", "635000", "Kokpekti district", "school", "4.0", "exact"],
            ["635800000", "635800", "Tarbagatay district", "school", "14.0", "exact"],
        ];
        let expected: Vec<Vec<String>> =
            expected.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect();
        assert_eq!(found, expected);
    });
}

/// A session that shows every year in one vintage: dynamics see no change of boundaries in it.
#[test]
fn a_session_in_one_vintage_has_comparable_series() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let lake = earlier_country(folder.path()).await;
        let lens = Lens { vintage: Some("2018".to_owned()), ..Lens::default() };
        let config = Config { lens, ..Config::default() };
        let runtime = bilim::session::runtime(&config).unwrap();
        let ctx = bilim::session::open(&config, runtime, &lake.definitions, &lake.snapshot).unwrap();
        let sql = "select geo_code, value_prev, value, comparable, break_reason from mart.dynamics where indicator = 'CON-01' \
                   and level = 'school' and breakdown = 'total' and tier = 'district' and year = 2022 and geo_code = '635800000'";
        // 17 = A1 9, A2 4, A6 3, X1 1; 14 = A1 9, A2 5.
        assert_eq!(rows(&ctx, sql).await, [["635800000", "17.0", "14.0", "true", "NULL"]]);
        // As reported the district lost Aksuat in between.
        let reported = rows(&lake.ctx, sql).await;
        assert_eq!(reported, [["635800000", "17.0", "9.0", "false", "boundaries of the territory"]]);
    });
}

/// Districts of the random countries, before and after the changes of January 2024: parts of Urzhar become Makanshy;
/// Konaev has the code that Taldykorgan had; Alatau leaves Ile.
fn moved(records: &[Record]) -> Vec<Record> {
    let at = |district: Kato, year: i32, bin: u64| {
        let is_cut_off = (bin / 1000).is_multiple_of(2);
        let code = match (district.get(), year) {
            (113_200_000, 2024) if is_cut_off => 104_500_000,
            (113_200_000, _) => 104_600_000,
            (113_400_000, _) => 101_000_000,
            (153_400_000, 2024) if is_cut_off => 191_800_000,
            (153_400_000, _) => 196_800_000,
            (110_000_000, _) => 100_000_000,
            (150_000_000, _) => 190_000_000,
            (other, _) => other,
        };
        Kato::try_from(i32::try_from(code).unwrap()).unwrap()
    };
    // The totals below read no other forms.
    let mut moved: Vec<Record> = records.iter().filter(|record| is_read(record)).cloned().collect();
    for record in &mut moved {
        macro_rules! of_organisation {
            ($row:ident) => {
                $row.district = at($row.district, i32::from($row.year), $row.org_bin.get())
            };
        }
        match record {
            Record::Organisation(row) => of_organisation!(row),
            Record::Pupil(row) => of_organisation!(row),
            Record::Class(row) => of_organisation!(row),
            Record::Staff(row) => of_organisation!(row),
            Record::Infrastructure(row) => of_organisation!(row),
            Record::Mark(row) => of_organisation!(row),
            Record::Exam(row) => of_organisation!(row),
            Record::Unt(row) => of_organisation!(row),
            Record::Population(row) => {
                row.kato.0 = row.kato.0.map(|kato| at(kato, i32::from(row.year), 0));
            }
            _ => unreachable!("not read"),
        }
    }
    moved
}

/// Sums of one tier by everything but the unit.
async fn sums(ctx: &SessionContext, tier: &str, vintage: &str) -> BTreeMap<Vec<String>, Vec<String>> {
    let sql = format!(
        "select indicator, year, level, breakdown, sex, grade, sum(numerator), sum(denominator) \
         from mart.indicator_vintage where tier = '{tier}' and boundary_vintage = '{vintage}' \
         and indicator in ('CON-01', 'NET-07', 'TCH-01', 'GRD-02', 'UNT-03') \
         and breakdown in ('total', 'sex') group by 1, 2, 3, 4, 5, 6"
    );
    let rows = rows(ctx, &sql).await.into_iter();
    rows.map(|row| (row[..6].to_vec(), row[6..].to_vec())).filter(|(_, sums)| sums[0] != "NULL").collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2, max_shrink_iters: 0, failure_persistence: None, ..ProptestConfig::default() })]

    /// In every vintage districts and regions add up to what they added up to as reported, to the last bit.
    #[test]
    fn every_total_is_conserved(records in country()) {
        block_on(async move {
            let warehouse = Warehouse::new().await;
            warehouse.submit(&moved(&records)).await;
            let ctx = warehouse.session().await;
            for tier in ["district", "region"] {
                let reported = sums(&ctx, tier, "as_reported").await;
                for vintage in ["2018", "2022", "current"] {
                    assert_eq!(sums(&ctx, tier, vintage).await, reported, "{tier} in {vintage}");
                }
            }
        });
    }
}
