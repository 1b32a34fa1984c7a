//! Announcement, suspension, date: paragraphs 8 to 10 of the Rules.

use bilim_domain::records::Form;

use super::{AFTER, Fixing, INSIDE, NOTICE, SEPTEMBER};
use crate::support_cli::{organisation, pupil};

#[test]
fn r_33_one_date_a_year() {
    let fixing = Fixing::announced();
    let second = fixing.announce(NOTICE, "2024-10-14", "2024-10-18", &["--date", "2024-10-16"]).ended(4);
    assert!(second.err.contains("R-33") && second.err.contains("2024-10-10"), "{}", second.err);
    // A mistaken announcement can be replaced, with a reason that stays.
    let more = ["--date", "2024-10-16", "--override", "wrong week"];
    fixing.announce(NOTICE, "2024-10-14", "2024-10-18", &more).ended(0);
    let row = "select status, fixing_date, overridden, override_reason from gov.freeze where year = 2024";
    assert_eq!(fixing.site.sql(row).lines().last(), Some("announced,2024-10-16,R-33,wrong week"));
    fixing.make_keys("ministry");
    // The earlier window no longer counts, the later one does.
    let early = fixing.fix(INSIDE).ended(4);
    assert!(early.err.contains("2024-10-14"), "{}", early.err);
    fixing.fix("2024-10-16T06:00:00Z").ended(0);
    let again = fixing.fix("2024-10-17T06:00:00Z").ended(4);
    assert!(again.err.contains("R-33") && again.err.contains("addendum"), "{}", again.err);
    let announced =
        fixing.announce("2024-10-17T06:00:00Z", "2024-10-28", "2024-10-30", &["--override", "again"]);
    assert!(announced.ended(4).err.contains("R-33"));
    assert_eq!(fixing.value("select count(*) from gov.freeze_event where event = 'fixed'"), "1");
    assert_eq!(
        fixing.value("select count(distinct fixing_date) from gov.freeze_event where event = 'fixed'"),
        "1"
    );
}

/// Event on Friday 4 October, one working day before the suspension of ten; entered four working days
/// after it, on Thursday 24 October: one day less than five.
#[test]
fn r_37_clock_stops_in_the_suspension() {
    let fixing = Fixing::announced();
    let assets = bilim::definitions::Assets::built_in();
    let rules = bilim::lake::archive::FixingRules::of_year(&assets, 2024).unwrap();
    let window = fixing.site.sql("select date_from, date_to from gov.freeze where year = 2024");
    let window: Vec<chrono::NaiveDate> =
        window.lines().last().unwrap().split(',').map(|day| day.parse().unwrap()).collect();
    let paused = bilim_domain::calendar::DateInterval::new(window[0], window[1]).unwrap();
    let days = |recorded: &str| {
        let (event, recorded) = ("2024-10-04".parse().unwrap(), recorded.parse().unwrap());
        rules.calendar.working_days_between(event, recorded, &[paused]).unwrap()
    };
    assert_eq!(days("2024-10-18"), 0);
    assert_eq!(days("2024-10-24"), 4);
    // Friday the 25th is Republic Day, Monday the 28th the fifth day, Tuesday late.
    assert_eq!(days("2024-10-25"), 4);
    assert_eq!(days("2024-10-28"), 5);
    assert_eq!(days("2024-10-29"), 6);
}

/// What waited in the queue counts as entered when it came.
#[test]
fn r_37_a_queued_file_keeps_its_time() {
    let fixing = Fixing::announced();
    fixing.correction("later.csv");
    fixing.site.write("late.csv", crate::support_cli::file(Form::Pupil, &fixing.correction("later.csv")));
    fixing.at(INSIDE, &["submit", "late.csv", "--form", "S1.PUPIL", "--queue"]).ended(0);
    fixing.land_at(AFTER, Form::Class, "none.csv", &[]).ended(1);
    let row =
        "select outcome, cast(submitted_at as varchar) from gov.submission where file_name = 'late.csv'";
    assert_eq!(fixing.site.sql(row).lines().last(), Some("accepted,2024-10-09T06:00:00Z"));
}

#[test]
fn r_38_in_october() {
    let fixing = Fixing::new();
    for (from, to, date) in [
        ("2024-09-30", "2024-10-02", "2024-10-01"),
        ("2024-10-30", "2024-11-01", "2024-10-31"),
        ("2024-10-07", "2024-10-18", "2024-10-21"),
    ] {
        let run = fixing.announce(SEPTEMBER, from, to, &["--date", date]).ended(4);
        assert!(run.err.contains("R-38"), "{from}: {}", run.err);
    }
    // Over a year-end nothing overrules.
    for (from, to, date) in [
        ("2024-12-30", "2025-01-03", "2024-12-31"),
        ("2023-10-09", "2023-10-13", "2023-10-10"),
        ("2024-10-07", "2024-10-18", "2025-10-10"),
    ] {
        let run = fixing.announce(SEPTEMBER, from, to, &["--date", date, "--override", "asked"]).ended(4);
        assert!(run.err.contains("another year"), "{from}: {}", run.err);
    }
    let run = fixing.announce(SEPTEMBER, "2024-10-18", "2024-10-07", &[]).ended(4);
    assert!(run.err.contains("ends before it begins"), "{}", run.err);
    assert_eq!(fixing.value("select count(*) from gov.freeze_event"), "0");
    assert_eq!(fixing.value("select count(*) from gov.notice"), "0");
    // The ministry may, and it is logged.
    let more = ["--date", "2024-11-01", "--override", "order 12 of 2 September"];
    fixing.announce(SEPTEMBER, "2024-10-30", "2024-11-01", &more).ended(0);
    let row = "select event, rule, reason from gov.freeze_event where rule is not null";
    assert_eq!(fixing.site.sql(row).lines().last(), Some("overridden,R-38,order 12 of 2 September"));
}

/// An October that passes without a fixing is a finding, and not before it has passed.
#[test]
fn r_38_a_missed_october_is_a_finding() {
    let fixing = Fixing::announced();
    let status = "select status from gov.freeze where year = 2024";
    assert_eq!(fixing.value(status), "announced");
    fixing.at(NOTICE, &["freeze", "list"]).ended(0);
    // The suspension ended and nobody has written since: only the clock tells.
    let list = fixing.at(AFTER, &["freeze", "list"]).ended(1);
    assert!(list.err.contains("2024: the time of its fixing has passed"), "{}", list.err);
    assert_eq!(fixing.value("select count(*) from gov.freeze_missing"), "0");
    fixing.land_at("2024-11-05T06:00:00Z", Form::Organisation, "late.csv", &[organisation(9, &[])]).ended(0);
    assert_eq!(fixing.value(status), "missing");
    assert_eq!(fixing.value("select year from gov.freeze_missing"), "2024");
    let list = fixing.at("2024-11-05T06:00:00Z", &["freeze", "list", "--format", "csv"]).ended(1);
    assert!(list.text().contains("2024,missing,2024-10-07,2024-10-18,2024-10-10"), "{}", list.text());
    // The state of the suspension's end can still be fixed, by the ministry.
    fixing.make_keys("ministry");
    let late = fixing.fix("2024-11-06T06:00:00Z").ended(4);
    assert!(late.err.contains("R-38"), "{}", late.err);
    let arguments = ["freeze", "run", "--year", "2024", "--unsigned", "--override", "order 30"];
    fixing.at("2024-11-06T06:00:00Z", &arguments).ended(0);
    assert_eq!(fixing.value(status), "fixed");
    // What came after the suspension is not in it.
    assert_eq!(fixing.value("select count(*) from archive_2024.raw.s1_org"), "4");
    assert_eq!(fixing.value("select count(*) from raw.s1_org"), "5");
}

#[test]
fn r_39_ten_working_days() {
    let fixing = Fixing::new();
    let run = fixing.announce(NOTICE, "2024-10-07", "2024-10-21", &[]).ended(4);
    assert!(run.err.contains("R-39") && run.err.contains("11 working days"), "{}", run.err);
    // Eleven weekdays with Republic Day (25 October) among them are ten working days.
    fixing.announce(NOTICE, "2024-10-14", "2024-10-28", &["--date", "2024-10-15"]).ended(0);
    let fixing = Fixing::new();
    fixing.announce(NOTICE, "2024-10-07", "2024-10-18", &[]).ended(0);
    let before = fixing.value("select lake_version from meta.lake_version");
    let refused = fixing.land_at(INSIDE, Form::Organisation, "in.csv", &[organisation(7, &[])]).ended(4);
    assert!(
        refused.err.contains("FREEZE") && refused.err.contains("reopens on 2024-10-19"),
        "{}",
        refused.err
    );
    let imported = fixing.at(INSIDE, &["import", "uis", "--from", "nowhere"]).ended(4);
    assert!(imported.err.contains("FREEZE"), "{}", imported.err);
    // Nothing was written, and reading works.
    assert_eq!(fixing.value("select lake_version from meta.lake_version"), before);
    assert_eq!(fixing.value("select count(*) from raw.s1_org"), "4");
    // A dry run changes nothing, so it may.
    fixing.at(INSIDE, &["submit", "in.csv", "--form", "S1.ORG", "--dry-run"]).ended(0);
    // The last minute of the suspension in the country, and the first after it.
    let last = fixing.at("2024-10-18T18:59:59Z", &["submit", "in.csv", "--form", "S1.ORG"]).ended(4);
    assert!(last.err.contains("FREEZE"), "{}", last.err);
    fixing.at("2024-10-18T19:00:00Z", &["submit", "in.csv", "--form", "S1.ORG"]).ended(0);
    assert_eq!(fixing.value("select count(*) from raw.s1_org"), "5");
}

#[test]
fn r_39_queued_files_land_in_order_when_the_lake_reopens() {
    let fixing = Fixing::announced();
    let state = |number: &str| organisation(7, &[("design_capacity", number)]);
    for (name, number) in [("one.csv", "111"), ("two.csv", "222"), ("three.csv", "333")] {
        fixing.site.write(name, crate::support_cli::file(Form::Organisation, &[state(number)]));
        let run = fixing.at(INSIDE, &["submit", name, "--form", "S1.ORG", "--queue"]).ended(0);
        assert!(run.err.contains("queued"), "{}", run.err);
        // The caller's file is no longer needed.
        std::fs::remove_file(fixing.site.folder().join(name)).unwrap();
    }
    fixing.site.write("bad.csv", crate::support_cli::file(Form::Organisation, &[state("many")]));
    fixing.at(INSIDE, &["submit", "bad.csv", "--form", "S1.ORG", "--queue"]).ended(0);
    assert_eq!(fixing.value("select count(*) from raw.s1_org"), "4");
    fixing.make_keys("ministry");
    let run = fixing.fix(INSIDE).ended(0);
    assert!(run.err.contains("one.csv") && run.err.contains("bad.csv): rejected"), "{}", run.err);
    // The last one counts; none of them is in the archive.
    assert_eq!(fixing.value("select max(design_capacity) from raw.s1_org"), "333");
    assert_eq!(fixing.value("select max(design_capacity) from archive_2024.raw.s1_org"), "100");
    let files = "select string_agg(file_name, ' ' order by submission) from gov.submission where subject_bin is null \
                 and file_name not in ('org.csv', 'pupil.csv')";
    assert_eq!(fixing.value(files), "one.csv two.csv three.csv bad.csv");
    assert_eq!(std::fs::read_dir(fixing.site.lake().join("queue")).unwrap().count(), 0);
    // The lake is open again, before the announced end.
    fixing.land_at(INSIDE, Form::Organisation, "open.csv", &[organisation(8, &[])]).ended(0);
}

#[test]
fn r_40_three_working_days_notice() {
    let fixing = Fixing::new();
    // 2 October leaves the 3rd and the 4th.
    let run = fixing.announce("2024-10-02T06:00:00Z", "2024-10-07", "2024-10-18", &[]).ended(4);
    assert!(run.err.contains("R-40") && run.err.contains("2 working days ahead"), "{}", run.err);
    let bin = crate::support_cli::bin(900).to_string();
    let department = [
        ("year", "2024"),
        ("bin", &bin),
        ("kato", "113200000"),
        ("kind", "district_dept"),
        ("name_ru", "Отдел"),
    ];
    let department = crate::support_cli::row(Form::Authority, &department);
    fixing.land_at(SEPTEMBER, Form::Authority, "authority.csv", &[department]).ended(0);
    // Tuesday evening in Greenwich is Wednesday in the country.
    fixing.announce("2024-10-01T19:30:00Z", "2024-10-07", "2024-10-18", &[]).ended(4);
    assert_eq!(fixing.value("select count(*) from gov.notice"), "0");
    fixing.announce("2024-10-01T18:30:00Z", "2024-10-07", "2024-10-18", &[]).ended(0);
    // Four organisations, the department above them, and every user.
    let told = "select recipient_kind, count(distinct recipient) from gov.notice group by 1 order by 1";
    assert_eq!(
        fixing.site.sql(told).lines().skip(1).collect::<Vec<_>>(),
        ["authority,1", "organisation,4", "users,1"]
    );
    let text = "select count(*) from gov.notice where message_ru like '%2024-10-07%' and message_kk like '%2024-10-18%'";
    assert_eq!(fixing.value(text), "6");
    // Without an announcement there is no fixing.
    let fixing = Fixing::new();
    fixing.make_keys("ministry");
    assert!(fixing.fix(INSIDE).ended(4).err.contains("R-40"));
}

#[test]
fn r_40_a_clock_ten_days_off() {
    let fixing = Fixing::announced();
    fixing.make_keys("ministry");
    // Behind: the lake was written on 1 October.
    let run = fixing.fix("2024-09-21T06:00:00Z").ended(4);
    assert!(run.err.contains("clock"), "{}", run.err);
    let run =
        fixing.announce("2024-09-21T06:00:00Z", "2024-10-21", "2024-10-24", &["--override", "x"]).ended(4);
    assert!(run.err.contains("clock"), "{}", run.err);
    // Ahead: the suspension is over by that clock; nothing is fixed.
    fixing.fix("2024-10-19T06:00:00Z").ended(4);
    assert!(!fixing.archive().exists());
    assert_eq!(fixing.value("select count(*) from gov.freeze_event"), "1");
}

#[test]
fn r_40_the_calendar_ends() {
    let fixing = Fixing::new();
    let dates = ["--from", "2031-10-06", "--to", "2031-10-10", "--date", "2031-10-08"];
    let arguments = [&["freeze", "announce", "--year", "2031"][..], &dates].concat();
    let run = fixing.at("2031-09-01T06:00:00Z", &arguments).ended(4);
    assert!(run.err.contains("ends with 2030"), "{}", run.err);
}

#[test]
fn r_41_all_levels() {
    let fixing = Fixing::without(&["tve", "post_secondary"]);
    let run = fixing.announce(NOTICE, "2024-10-07", "2024-10-18", &[]).ended(1);
    assert!(run.err.contains("R-41") && run.err.contains("post_secondary, tve"), "{}", run.err);
    // The college and the higher college owe learners; the higher college also owes those of tve.
    let (college, higher) = (crate::support_cli::bin(3).to_string(), crate::support_cli::bin(4).to_string());
    let listed = run.text();
    assert_eq!(listed.lines().filter(|line| line.contains(&college)).count(), 1, "{listed}");
    assert_eq!(listed.lines().filter(|line| line.contains(&higher)).count(), 2, "{listed}");
    assert_eq!(fixing.value("select count(*) from gov.freeze_event"), "0");
    // Announced in time with all levels, but one is gone when it is run.
    fixing.announce(NOTICE, "2024-10-07", "2024-10-18", &["--override", "colleges report later"]).ended(0);
    fixing.make_keys("ministry");
    let run = fixing.fix(INSIDE).ended(1);
    assert!(run.err.contains("R-41"), "{}", run.err);
    assert!(!fixing.archive().exists());
    let learners =
        [("3", "tve", "2007-03"), ("4", "post_secondary", "2005-03")].map(|(number, level, birth)| {
            let pid = number.parse().unwrap();
            pupil(pid, pid as u64 + 100, &[("level", level), ("grade", "1"), ("birth", birth)])
        });
    // The gate is shut; the ministry overrules, and both times it is logged.
    fixing.land_at(INSIDE, Form::Pupil, "college.csv", &learners).ended(4);
    let arguments = ["freeze", "run", "--year", "2024", "--unsigned", "--override", "colleges report later"];
    fixing.at(INSIDE, &arguments).ended(0);
    assert_eq!(fixing.value("select overridden from gov.freeze where year = 2024"), "\"R-41,R-41\"");
}
