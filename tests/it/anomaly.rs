//! Data that does not fit: each kind of defect, made by hand, is found once, and a quiet series never.

use std::fmt::Write as _;
use std::fs;

use crate::support::{self, block_on};

const YEARS: [i32; 5] = [2014, 2015, 2016, 2017, 2018];

/// A published table under construction.
struct Table(String);

impl Table {
    fn new() -> Self {
        let header = "year,kato,series,level,sex,locality,language,ownership,study_form,grade,value,unit,flag,publisher,edition,\
                      published_on,status\n";
        Self(header.to_owned())
    }

    /// A series of a unit from 2014 on; `None` = not printed. `members` is sex, locality, form of study.
    fn add(&mut self, series: &str, kato: i32, members: [&str; 3], values: [Option<f64>; 5]) {
        let [sex, locality, form] = members;
        let unit = if series.starts_with("gross") { "percent" } else { "persons" };
        for (year, value) in YEARS.iter().zip(values) {
            if let Some(value) = value {
                let _ = writeln!(
                    self.0,
                    "{year},{kato},{series},school,{sex},{locality},_T,_T,{form},-1,{value},{unit},ok,bns,by-hand,2020-01-01,final"
                );
            }
        }
    }
}

const TOTAL: [&str; 3] = ["_T", "_T", "_T"];

fn published() -> String {
    let mut table = Table::new();
    let all = |values: [f64; 5]| values.map(Some);
    // Quiet units beside the others.
    for kato in [230_000_000, 430_000_000, 550_000_000, 590_000_000] {
        table.add("schools", kato, TOTAL, all([1000.0, 1010.0, 1005.0, 1000.0, 1012.0]));
    }
    // Akmola and Aktobe continue each other from 2016 on.
    table.add("teachers", 110_000_000, TOTAL, all([1000.0, 1010.0, 4030.0, 4040.0, 4050.0]));
    table.add("teachers", 150_000_000, TOTAL, all([4000.0, 4020.0, 1020.0, 1025.0, 1030.0]));
    // 505, 900, 510; and 6500 for 5600.
    table.add("schools", 270_000_000, TOTAL, all([500.0, 505.0, 900.0, 510.0, 512.0]));
    table.add("schools", 310_000_000, TOTAL, all([5605.0, 5610.0, 6500.0, 5590.0, 5600.0]));
    // More girls than pupils; 300 + 200 printed as 510.
    table.add("pupils", 350_000_000, TOTAL, all([400.0, 400.0, 400.0, 400.0, 400.0]));
    table.add("pupils", 350_000_000, ["female", "_T", "_T"], all([200.0, 200.0, 200.0, 450.0, 200.0]));
    table.add("pupils", 390_000_000, TOTAL, all([500.0, 500.0, 510.0, 500.0, 500.0]));
    table.add("pupils", 390_000_000, ["_T", "urban", "_T"], all([300.0; 5]));
    table.add("pupils", 390_000_000, ["_T", "rural", "_T"], all([200.0; 5]));
    // Mangystau's evening schools are counted in Pavlodar from 2017 on.
    let evening = ["_T", "_T", "evening"];
    table.add("pupils", 470_000_000, evening, [Some(200.0), Some(205.0), Some(200.0), None, None]);
    table.add("pupils", 550_000_000, evening, all([300.0, 305.0, 300.0, 500.0, 505.0]));
    // A ratio over another population since 2016, in every region.
    for (index, region) in [11, 15, 19, 23, 27, 31, 35, 39, 43, 47, 55, 59].into_iter().enumerate() {
        let step = f64::from(u32::try_from(index).unwrap()) / 10.0;
        let values = [100.0 + step, 99.0 + step, 80.0 + step, 80.5 + step, 81.0 + step];
        table.add("gross_enrolment_ratio_secondary", region * 10_000_000, TOTAL, all(values));
    }
    table.0
}

/// Five districts of Akmola; in the last one 480 of 500 are tested, then 190.
fn tested() -> String {
    let header = "year,kato,row_type,region_name,unit_name,scale,language,locality,tested_count,mean_score,publisher,edition,\
                  published_on,status\n";
    let mut text = header.to_owned();
    for (kato, counts) in [
        (113_200_000, [500, 505, 500]),
        (113_400_000, [400, 390, 405]),
        (113_600_000, [300, 310, 300]),
        (113_800_000, [450, 455, 450]),
        (114_000_000, [500, 480, 190]),
    ] {
        for (year, count) in [2014, 2015, 2016].iter().zip(counts) {
            let _ = writeln!(
                text,
                "{year},{kato},district,Akmola,District {kato},125,_T,_T,{count},80,ntc,by-hand,2020-01-01,final"
            );
        }
    }
    text
}

#[test]
fn every_kind_of_defect_is_found_once() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let files = [("S2.AGG", published()), ("S7.AGG", tested())].map(|(form, text)| {
            let path = folder.path().join(format!("{form}.csv"));
            fs::write(&path, text).unwrap();
            (form.to_owned(), path)
        });
        let lake = support::lake_of(&files, None).await;
        let sql = "select kind, geo_code, coalesce(other_code, '-'), series, year, series_would_be from gov.anomaly order by kind, geo_code";
        let found = support::texts(&lake.ctx.sql(sql).await.unwrap().collect().await.unwrap());
        let expected = [
            [
                "definition",
                "KZ",
                "-",
                "gross_enrolment_ratio_secondary",
                "2016",
                "two series, with a break in 2016",
            ],
            ["digits", "310000000", "-", "schools", "2016", "5610.0, 5600.0, 5590.0"],
            // The middle of the others changed by 0.5 %: 405 / 390, 500 / 505, 300 / 310, 450 / 455, 190 / 480.
            ["drop", "114000000", "-", "tested, 125", "2016", "480.0, about 475.0"],
            [
                "exchange",
                "110000000",
                "150000000",
                "teachers",
                "2016",
                "1010.0, 1020.0 beside 4020.0, 4030.0",
            ],
            // The geometric mean of 505 and 510.
            ["leap", "270000000", "-", "schools", "2016", "505.0, 507.49, 510.0"],
            ["neighbour", "470000000", "550000000", "pupils", "2017", "200.0, 200.0 beside 300.0, 300.0"],
            ["part", "350000000", "-", "pupils", "2017", "at most 400.0"],
            ["sum", "390000000", "-", "pupils", "2016", "500.0"],
        ];
        assert_eq!(found, expected.map(|row| row.map(str::to_owned).to_vec()));
    });
}
