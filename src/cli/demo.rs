//! `t2s demo`: writes the sample shop.

use super::args::{DemoArgs, DemoScale};
use super::exit::{Exit, Failed};
use super::output::refuse_to_overwrite;
use super::{Setup, open};
use crate::shop::{Scale, write_knowledge};

pub async fn run(setup: &Setup, args: DemoArgs) -> Result<Exit, Failed> {
    let folders = &setup.loaded.config.folders;
    let path = match &args.out {
        Some(path) => {
            refuse_to_overwrite(path, args.force)?;
            path.clone()
        }
        None => open::sample_path(folders),
    };
    if path.exists() {
        if !args.force && args.out.is_none() {
            setup.voice.text(&format!("the sample shop is already there: {}", path.display()));
            return Ok(Exit::ANSWERED);
        }
        std::fs::remove_file(&path).map_err(|e| Failed::usage(format!("cannot replace {}: {e}", path.display())))?;
    }
    open::write_sample(setup, &path, args.scale.into(), args.seed).await?;
    let knowledge = open::sample_knowledge(folders);
    write_knowledge(&knowledge)?;
    let flags = match args.out {
        Some(path) => format!(" --db {} --knowledge {}", path.display(), knowledge.display()),
        None => String::new(),
    };
    setup.voice.text(&format!("written. try: t2s ask{flags} \"revenue by store last month\""));
    Ok(Exit::ANSWERED)
}

impl From<DemoScale> for Scale {
    fn from(scale: DemoScale) -> Self {
        match scale {
            DemoScale::Small => Self::Small,
            DemoScale::Medium => Self::Medium,
            DemoScale::Large => Self::Large,
        }
    }
}
