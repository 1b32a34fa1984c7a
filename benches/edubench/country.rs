//! Submissions of the synthetic country as CSV files, one a form, year and region, at the scale of `EduBench`.
//!
//! An example of the leaf crate, so that it builds in seconds and no engine has a part in the data. Reads the
//! reference files of the territory, writes `OUT/<form>/<year>-<region>.csv`, and says on stdout how many rows:
//!
//! ```text
//! country --reference datasets/reference --out DIR --scale 0.01 --years 2019..2024 --form S1.GRADE [--part one|each]
//! ```
//!
//! `one` is a single school, `each` a file for each organisation.
#![allow(clippy::print_stdout, reason = "says what it has written")]

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use bilim_domain::generator::{Country, Options, places_of};
use bilim_domain::ids::RegionCode;
use bilim_domain::records::{Form, Record};
use bilim_domain::year::Year;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Seed of the country of `bilim demo`.
const SEED: u64 = 459;
const THREADS: usize = 2;

/// Which organisations to write.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    All,
    One,
    Each,
}

struct Arguments {
    reference: PathBuf,
    out: PathBuf,
    scale: f64,
    first: Year,
    last: Year,
    /// Years to write, of those of the country.
    only: Option<Year>,
    forms: Vec<Form>,
    part: Part,
}

fn main() -> Result<()> {
    let arguments = parse(&std::env::args().skip(1).collect::<Vec<_>>())?;
    let places =
        places_of(&rows(&arguments.reference, "geo.csv")?, &rows(&arguments.reference, "geo_crosswalk.csv")?);
    let options = Options {
        first_year: arguments.first,
        last_year: arguments.last,
        has_quarters: true,
        ..Options::new(SEED, arguments.scale)
    };
    let country = Country::new(&options, &places)?;
    let chosen = school(&country, arguments.last);
    let mut jobs = Vec::new();
    for form in &arguments.forms {
        fs::create_dir_all(arguments.out.join(form.code()))?;
        for year in country.years(*form).filter(|year| arguments.only.is_none_or(|only| only == *year)) {
            jobs.extend(country.regions(year, *form).into_iter().map(|region| (*form, year, region)));
        }
    }
    let (next, written) = (AtomicUsize::new(0), AtomicU64::new(0));
    let work = || -> Result<()> {
        while let Some((form, year, region)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            if arguments.part == Part::Each {
                for subject in country.organisations(*year, *region) {
                    let name = format!("{year}-{:012}.csv", i64::from(subject.bin));
                    let records = country.submission(subject.org, *year, *form).into_iter();
                    let path = arguments.out.join(form.code()).join(name);
                    written.fetch_add(write(&path, *form, records)?, Ordering::Relaxed);
                }
                continue;
            }
            let name = format!("{year}-{:02}.csv", region.get());
            let path = arguments.out.join(form.code()).join(name);
            let records = records(&country, *form, *year, *region, (arguments.part, chosen));
            written.fetch_add(write(&path, *form, records)?, Ordering::Relaxed);
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().map_err(|_| "a writer panicked")?)
    })?;
    println!("{}", written.load(Ordering::Relaxed));
    Ok(())
}

fn parse(words: &[String]) -> Result<Arguments> {
    let find = |name: &str| {
        let at = words.iter().position(|word| word == name);
        at.and_then(|at| words.get(at + 1)).map(String::as_str)
    };
    let need = |name: &str| find(name).ok_or_else(|| format!("{name} is missing"));
    let year = |text: &str| -> Result<Year> { Ok(Year::try_from(text.parse::<i32>()?)?) };
    let (first, last) = need("--years")?.split_once("..").ok_or("--years is FIRST..LAST")?;
    let forms = need("--form")?
        .split(',')
        .map(|code| Form::ALL.iter().copied().find(|form| form.code() == code).ok_or("no such form"))
        .collect::<std::result::Result<_, _>>()?;
    Ok(Arguments {
        reference: need("--reference")?.into(),
        out: need("--out")?.into(),
        scale: need("--scale")?.parse()?,
        first: year(first)?,
        last: year(last)?,
        only: find("--year").map(year).transpose()?,
        forms,
        part: match find("--part") {
            None => Part::All,
            Some("one") => Part::One,
            Some("each") => Part::Each,
            Some(other) => return Err(format!("--part is one or each, not {other}").into()),
        },
    })
}

/// Rows of a reference file, cells by column name.
fn rows(folder: &Path, name: &str) -> Result<Vec<BTreeMap<String, String>>> {
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_path(folder.join(name))?;
    let columns: Vec<String> = reader.headers()?.iter().map(str::to_owned).collect();
    reader
        .records()
        .map(|row| Ok(columns.iter().cloned().zip(row?.iter().map(str::to_owned)).collect()))
        .collect()
}

/// The first school that gives marks in the last year.
fn school(country: &Country, year: Year) -> Option<u32> {
    let regions = country.regions(year, Form::Mark);
    let mut orgs = regions.into_iter().flat_map(|region| country.organisations(year, region));
    orgs.find(|subject| !country.submission(subject.org, year, Form::Mark).is_empty())
        .map(|subject| subject.org)
}

fn records(
    country: &Country,
    form: Form,
    year: Year,
    region: RegionCode,
    (part, chosen): (Part, Option<u32>),
) -> Box<dyn Iterator<Item = Record> + '_> {
    if part == Part::All {
        return country.records(year, region, form);
    }
    let orgs = country.organisations(year, region).filter(move |subject| Some(subject.org) == chosen);
    Box::new(orgs.flat_map(move |subject| country.submission(subject.org, year, form)))
}

/// Write a file and give its number of rows; without any there is no file.
fn write(path: &Path, form: Form, records: impl Iterator<Item = Record>) -> Result<u64> {
    let mut records = records.peekable();
    if records.peek().is_none() {
        return Ok(0);
    }
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    writeln!(out, "{}", form.header())?;
    let (mut line, mut count) = (Vec::new(), 0);
    for record in records {
        line.clear();
        record.write_csv(&mut line);
        out.write_all(&line)?;
        count += 1;
    }
    out.flush()?;
    Ok(count)
}
