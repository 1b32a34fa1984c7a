//! Two source systems that report the same organisation (paragraph 11).

use bilim_domain::records::Form;

use super::site::org;
use crate::support_cli::{Run, Site, file, organisation};

fn send(site: &Site, name: &str, system: &str, numbers: &[usize], shifts: &str) -> Run {
    let rows: Vec<String> =
        numbers.iter().map(|number| organisation(*number, &[("shifts", shifts)])).collect();
    site.write(name, file(Form::Organisation, &rows));
    site.run(&["submit", name, "--form", "S1.ORG", "--source-system", system])
}

fn shifts(site: &Site) -> String {
    site.sql("select shifts from raw.s1_org order by org_bin").replace('\n', " ")
}

#[test]
fn r_43_the_stronger_system_stands_and_the_conflict_is_shown() {
    let site = Site::new();
    send(&site, "national.csv", "nobd", &[1], "1").ended(0);
    // A regional system reports the same organisation and another one: only the other lands.
    let run = send(&site, "regional.csv", "regional_is", &[1, 2], "2").ended(0);
    assert!(
        run.err.contains(&org(1)) && run.err.contains("SYSTEM") && run.err.contains("nobd"),
        "{}",
        run.err
    );
    assert_eq!(shifts(&site), "shifts 1 2 ");
    let found = site.value("select concat(rule, ' ', severity, ' ', field, ' ', value) from gov.finding");
    assert_eq!(found, format!("SYSTEM warning org_bin 2024 {}", org(1)));
    let conflict = "select form, year, lpad(cast(org_bin as varchar), 12, '0') as bin, source_system, stands, \
                    standing_system from gov.conflict order by source_system";
    let expected = format!(
        "form,year,bin,source_system,stands,standing_system\nS1.ORG,2024,{0},nobd,true,nobd\nS1.ORG,2024,{0},\
         regional_is,false,nobd\n",
        org(1)
    );
    assert_eq!(site.sql(conflict), expected);
    // The organisation counts once.
    assert_eq!(site.value("select count(*) from gov.holder where form = 'S1.ORG'"), "2");
}

#[test]
fn r_43_a_stronger_system_replaces_and_equals_follow_each_other() {
    let site = Site::new();
    send(&site, "regional.csv", "regional_is", &[1], "2").ended(0);
    send(&site, "national.csv", "nobd", &[1], "1").ended(0);
    assert_eq!(shifts(&site), "shifts 1 ");
    assert_eq!(site.value("select source_system from gov.conflict where stands"), "nobd");
    // The warehouse itself is as strong as the national base: the later submission stands.
    send(&site, "own.csv", "bilim", &[1], "3").ended(0);
    assert_eq!(shifts(&site), "shifts 3 ");
    assert_eq!(site.value("select count(*) from gov.conflict where stands"), "1");
    // One system correcting itself is no conflict.
    let other = Site::new();
    send(&other, "a.csv", "regional_is", &[1], "1").ended(0);
    send(&other, "b.csv", "regional_is", &[1], "2").ended(0);
    assert_eq!(other.value("select count(*) from gov.conflict"), "0");
}

#[test]
fn r_43_an_unknown_system_is_refused() {
    let site = Site::new();
    let run = send(&site, "a.csv", "nowhere", &[1], "1").ended(2);
    assert!(run.err.contains("nowhere") && run.err.contains("regional_is"), "{}", run.err);
    assert_eq!(site.value("select count(*) from gov.submission"), "0");
}

#[test]
fn r_43_every_registered_system_has_a_precedence() {
    let site = Site::new();
    let without = "select count(*) from ref.source_system s left join ref.system_precedence p on p.source_system = s.code \
                   where p.precedence is null";
    assert_eq!(site.value(without), "0");
}
