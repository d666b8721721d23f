//! Twenty thousand generated and mutated statements: nothing is written, nothing hidden is seen, nothing panics and
//! nothing runs on. `benches/campaign.rs` does the same with millions.

#[path = "../fuzzing/mod.rs"]
mod generated;

use std::thread;
use std::time::Duration;

use generated::statements::Statements;
use generated::trial::{Offence, Totals, Trial};

const SEED: u64 = 20_260;
const STATEMENTS: u64 = 20_000;
const THREADS: u64 = 2;
/// Between two looks at the files.
const BATCH: u64 = 2_000;
/// Above the limit on time a machine may be busy; a statement that cannot be stopped takes longer than this.
const SLACK: Duration = Duration::from_secs(5);

/// A part of the statements on databases of its own.
fn examine(part: u64) -> Result<Totals, Offence> {
    let mut trial = Trial::new(SLACK);
    let statements = Statements::new(SEED, trial.schema());
    let each = STATEMENTS / THREADS;
    for batch in 0..each / BATCH {
        let first = part * each + batch * BATCH;
        trial.examine_all(&statements, first..first + BATCH)?;
    }
    Ok(trial.totals)
}

#[test]
fn no_statement_does_harm_and_the_mix_is_varied() {
    let parts: Vec<_> = (0..THREADS).map(|part| thread::spawn(move || examine(part))).collect();
    let mut totals = Totals::default();
    for part in parts {
        match part.join().expect("ends") {
            Ok(part) => totals.add(part),
            Err(Offence { ordinals, sql, what }) => panic!("seed {SEED}, statement {ordinals:?}: {what}\n{sql}"),
        }
    }
    let [passed, prepared, ran] = [totals.passed, totals.prepared, totals.ran].map(|part| totals.share(part));
    let distinct = totals.distinct();
    println!(
        "{} statements, {distinct} distinct; passed {passed:.1} %, prepared {prepared:.1} %, ran {ran:.1} %, limited {}, \
         wrong {}, ran raw {}, bare {}, columns differ {}; slowest {:?}: {:.200}",
        totals.statements,
        totals.limited,
        totals.wrong,
        totals.ran_raw,
        totals.bare,
        totals.columns_differ,
        totals.slowest.0,
        totals.slowest.1
    );
    assert_eq!(totals.statements, STATEMENTS);
    assert!(distinct as u64 > STATEMENTS * 95 / 100, "{distinct} distinct");
    assert!((15.0..50.0).contains(&passed), "{passed} % passed");
    assert!(prepared > 20.0 && ran > 10.0, "{prepared} % prepared, {ran} % ran");
}

#[test]
fn a_statement_can_be_made_again_from_its_seed_and_number() {
    let trial = Trial::new(SLACK);
    let [first, again] = [SEED, SEED].map(|seed| Statements::new(seed, trial.schema()));
    let other = Statements::new(SEED + 1, trial.schema());
    let numbers = [0, 1, 999_999_999, u64::MAX];
    assert!(numbers.iter().all(|&number| first.at(number) == again.at(number)));
    assert!(numbers.iter().any(|&number| first.at(number) != other.at(number)));
}
