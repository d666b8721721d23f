//! Bytes as a statement, put to the same trial as in the suite; libFuzzer chooses the bytes by the code they reach.
//!
//! `cargo +nightly fuzz run gate -- -max_total_time=60 -max_len=4096`, in this folder or the one above.

#![no_main]

#[allow(dead_code, reason = "libFuzzer counts and narrows by itself")]
#[path = "../../tests/fuzzing/mod.rs"]
mod generated;

use std::cell::RefCell;
use std::time::Duration;

use generated::mutation::Mutation;
use generated::queries::Names;
use generated::random::Random;
use generated::statements::Statements;
use generated::trial::Trial;
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

/// Statements between two looks at the files.
const BATCH: u64 = 1_000;

struct Fuzzing {
    trial: Trial,
    statements: Statements,
    names: Names,
    done: u64,
}

impl Fuzzing {
    /// A text changed once; one too short to be changed gives way to another statement.
    fn changed(&self, text: &str, number: u64) -> String {
        let other = self.statements.at(number);
        if text.len() < 4 {
            return other;
        }
        let mut random = Random::new(1, number);
        let mut mutation = Mutation::new(text, &other, &self.names, &mut random);
        mutation.apply();
        mutation.text()
    }
}

thread_local! {
    static FUZZING: RefCell<Fuzzing> = RefCell::new(start());
}

fn start() -> Fuzzing {
    let trial = Trial::new(Duration::from_secs(2));
    let statements = Statements::new(0, trial.schema());
    // A statement that names a file must not find the sources there; libFuzzer has opened its own folders by now.
    let folder = tempfile::tempdir().expect("a folder").keep();
    std::env::set_current_dir(folder).expect("enters it");
    Fuzzing { names: Names::of(trial.schema()), trial, statements, done: 0 }
}

fuzz_target!(|bytes: &[u8]| {
    let sql = String::from_utf8_lossy(bytes);
    FUZZING.with_borrow_mut(|fuzzing| {
        fuzzing.done += 1;
        let offence = fuzzing.trial.examine(fuzzing.done, &sql).err();
        let offence =
            offence.or_else(|| fuzzing.done.is_multiple_of(BATCH).then(|| fuzzing.trial.settle().err()).flatten());
        assert!(offence.is_none(), "{}: {sql:?}", offence.unwrap_or_default());
    });
});

// Half of the time a change that knows SQL, else one of libFuzzer's own.
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    if seed % 2 == 0 {
        return fuzzer_mutate(data, size, max_size);
    }
    let text = String::from_utf8_lossy(&data[..size]).into_owned();
    let text = FUZZING.with_borrow(|fuzzing| fuzzing.changed(&text, seed.into()));
    let length = text.len().min(max_size);
    data[..length].copy_from_slice(&text.as_bytes()[..length]);
    length
});
