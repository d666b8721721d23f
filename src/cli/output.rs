//! Where the data of an answer go, and in which format. Nothing but data is written here.

use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal, Seek, Write};
use std::path::{Path, PathBuf};

use super::args::OutputArgs;
use super::exit::{Exit, Failed};
use super::say::charset;
use crate::config::{Appearance, Config};
use crate::export::format::cell_in;
use crate::export::{self, Format, Options, Rewind, RowStream};
use crate::pipeline::execution::ResultSet;
use crate::pipeline::response::Answer;
use crate::schema::Schema;
use crate::terminal::{Charset, safe};

/// Width where the terminal does not tell its own.
const USUAL_WIDTH: usize = 80;

/// What is written of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Rows(Format),
    Picture(Picture),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Picture {
    Png,
    Svg,
}

/// Where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Cells across.
    Terminal(usize),
    Pipe,
    File {
        path: PathBuf,
        force: bool,
    },
}

/// The decision, made before anything is asked, so that a mistake costs no waiting.
#[derive(Clone, Debug)]
pub struct Output {
    pub what: What,
    pub target: Target,
    null: Option<String>,
    is_formula_safe: bool,
    charset: Charset,
    plain: bool,
}

impl Output {
    /// `otherwise` is the format where neither a flag nor an extension names one.
    pub fn plan(args: &OutputArgs, appearance: Appearance, otherwise: Option<Format>) -> Result<Self, Failed> {
        let target = target(args)?;
        let what = match (args.format, &target) {
            (Some(format), _) => What::Rows(format),
            (None, Target::File { path, .. }) => what_of_extension(path)?,
            (None, Target::Terminal(_)) => What::Rows(otherwise.unwrap_or(Format::Table)),
            (None, Target::Pipe) => What::Rows(otherwise.unwrap_or(Format::Csv)),
        };
        Ok(Self {
            what,
            target,
            null: args.null.clone(),
            is_formula_safe: args.formula_safe,
            charset: charset(appearance),
            plain: appearance.plain,
        })
    }

    /// Rows that suit the target: a screenful of pages on a terminal, all of them elsewhere.
    pub fn suitable_rows(&self, config: &Config) -> Option<usize> {
        matches!(self.target, Target::Terminal(_)).then_some(config.limits.max_results)
    }

    /// A person looks at a table.
    pub fn is_table_on_terminal(&self) -> bool {
        matches!(self.target, Target::Terminal(_)) && self.what == What::Rows(Format::Table)
    }

    pub fn is_json(&self) -> bool {
        self.what == What::Rows(Format::Json)
    }

    /// Writes what was planned of an answer.
    pub fn write(&self, answer: &Answer, schema: &Schema) -> Result<(), Failed> {
        let What::Rows(format) = self.what else {
            return Err(Failed::usage("only an answer with rows has a picture"));
        };
        self.write_with(|out| self.write_rows(answer, schema, format, out))
    }

    fn write_rows(&self, answer: &Answer, schema: &Schema, format: Format, out: &mut dyn Write) -> io::Result<()> {
        if let (Format::Table, true, Some(result)) = (format, self.plain, &answer.result) {
            return write_plainly(result, self.charset, out);
        }
        // Without rows the statement is what there is to have.
        let format = if answer.result.is_none() && format != Format::Json { Format::Sql } else { format };
        let width = match self.target {
            Target::Terminal(width) => Some(width),
            Target::Pipe | Target::File { .. } => None,
        };
        export::write(answer, schema, format, &Options { width, ..self.options() }, out)
    }

    fn options(&self) -> Options {
        Options {
            null_text: self.null.clone(),
            charset: self.charset,
            spreadsheet_safe: self.is_formula_safe,
            ..Options::default()
        }
    }

    /// Text cells that begin like formulas and go, unguarded, where a spreadsheet may open them.
    pub fn formulas(&self, answer: &Answer) -> u64 {
        let is_opened = matches!(self.what, What::Rows(Format::Csv | Format::Tsv)) && !self.is_formula_safe;
        answer.result.as_ref().filter(|_| is_opened).map_or(0, export::formulas)
    }

    /// Opens the target for rows as they come, if the format and the target are such that nobody waits for a whole.
    pub fn open_stream(&self) -> Result<Option<(RowStream<Outlet>, Placing)>, Failed> {
        let What::Rows(format) = self.what else { return Ok(None) };
        if !format.is_streamed() || matches!(self.target, Target::Terminal(_)) {
            return Ok(None);
        }
        let (outlet, placing) = self.open_outlet()?;
        Ok(RowStream::new(format, &self.options(), outlet).map(|stream| (stream, placing)))
    }

    /// Opens the target, lets `write` fill it, and puts a file in its place once it is complete.
    pub fn write_with(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failed> {
        let mut sink = self.open()?;
        write(&mut sink).map_err(|e| self.cannot_write(&e))?;
        sink.finish()
    }

    pub fn open(&self) -> Result<Sink, Failed> {
        let (outlet, placing) = self.open_outlet()?;
        Ok(Sink { out: BufWriter::new(outlet), placing })
    }

    fn open_outlet(&self) -> Result<(Outlet, Placing), Failed> {
        match &self.target {
            Target::Terminal(_) | Target::Pipe => Ok((Outlet::Stdout, Placing::InPlace)),
            Target::File { path, .. } if is_device(path) => {
                let device = fs::OpenOptions::new().write(true).open(path).map_err(|e| cannot_write(path, &e))?;
                Ok((Outlet::Device(device), Placing::InPlace))
            }
            Target::File { path, force } => {
                let (file, aside) = aside(path)?.into_parts();
                Ok((Outlet::Aside(file), Placing::Rename { aside, path: path.clone(), force: *force }))
            }
        }
    }

    pub fn cannot_write(&self, error: &io::Error) -> Failed {
        match &self.target {
            Target::File { path, .. } => cannot_write(path, error),
            Target::Terminal(_) | Target::Pipe => io::Error::from(error.kind()).into(),
        }
    }
}

/// An open target. A file takes its name only in [`Sink::finish`]; dropped before that, it leaves nothing behind.
pub struct Sink {
    out: BufWriter<Outlet>,
    placing: Placing,
}

impl Sink {
    pub fn finish(mut self) -> Result<(), Failed> {
        match (self.out.flush(), &self.placing) {
            (Err(error), Placing::Rename { path, .. }) => Err(cannot_write(path, &error)),
            (flushed, _) => Ok(flushed?),
        }?;
        self.placing.finish()
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Where bytes go. It may be given to another thread, while the file's name stays with the one who waits: when that
/// one leaves, the file is gone at once.
#[derive(Debug)]
pub enum Outlet {
    Stdout,
    Device(File),
    Aside(File),
}

impl Write for Outlet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout => io::stdout().write(bytes),
            Self::Device(file) | Self::Aside(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout => io::stdout().flush(),
            Self::Device(file) | Self::Aside(file) => file.flush(),
        }
    }
}

impl Rewind for Outlet {
    fn rewind(&mut self) -> io::Result<bool> {
        let Self::Aside(file) = self else { return Ok(false) };
        file.set_len(0)?;
        file.rewind()?;
        Ok(true)
    }
}

/// What is left to do once all bytes are written. Dropped instead, it takes the unfinished file away.
#[derive(Debug)]
pub enum Placing {
    InPlace,
    Rename { aside: tempfile::TempPath, path: PathBuf, force: bool },
}

impl Placing {
    /// Gives a file its name.
    pub fn finish(self) -> Result<(), Failed> {
        let Self::Rename { aside, path, force } = self else { return Ok(()) };
        let placed = if force { aside.persist(&path) } else { aside.persist_noclobber(&path) };
        placed.map_err(|refused| match refused.error.kind() {
            io::ErrorKind::AlreadyExists => exists(&path),
            _ => cannot_write(&path, &refused.error),
        })
    }
}

/// `row 1: store North, revenue 94120.50`: for screen readers, and for terminals that cannot draw a table.
fn write_plainly(result: &ResultSet, charset: Charset, out: &mut dyn Write) -> io::Result<()> {
    for (number, row) in result.rows.iter().enumerate() {
        let cells: Vec<String> = row
            .iter()
            .zip(&result.columns)
            .map(|(value, column)| format!("{} {}", safe(&column.name, charset), cell_in(value, column, charset)))
            .collect();
        writeln!(out, "row {}: {}", number + 1, cells.join(", "))?;
    }
    Ok(())
}

fn target(args: &OutputArgs) -> Result<Target, Failed> {
    match &args.output {
        Some(path) if path.as_os_str() != "-" => {
            refuse_to_overwrite(path, args.force)?;
            Ok(Target::File { path: path.clone(), force: args.force })
        }
        _ if io::stdout().is_terminal() => Ok(Target::Terminal(terminal_width())),
        _ => Ok(Target::Pipe),
    }
}

/// Cells across the terminal.
pub fn terminal_width() -> usize {
    // A terminal that was never told its size says 0.
    crossterm::terminal::size().ok().map(|(width, _)| usize::from(width)).filter(|w| *w > 0).unwrap_or(USUAL_WIDTH)
}

fn what_of_extension(path: &Path) -> Result<What, Failed> {
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    match extension.as_str() {
        "png" => Ok(What::Picture(Picture::Png)),
        "svg" => Ok(What::Picture(Picture::Svg)),
        other => Format::from_extension(other).map(What::Rows).ok_or_else(|| {
            Failed::usage(format!("no format is known by the extension of {}", path.display()))
                .hint("name it with --format, or use .csv .tsv .json .jsonl .md .html .sql .txt .png or .svg")
        }),
    }
}

/// Files of other people are not written over.
pub fn refuse_to_overwrite(path: &Path, force: bool) -> Result<(), Failed> {
    if path.is_dir() {
        return Err(Failed::usage(format!("{} is a folder", path.display())));
    }
    if path.symlink_metadata().is_ok() && !force && !is_device(path) {
        return Err(exists(path));
    }
    let folder = folder_of(path);
    if !folder.is_dir() {
        return Err(Failed::usage(format!("there is no folder {}", folder.display())).hint("make it first"));
    }
    Ok(())
}

/// `/dev/null`, a named pipe: written to, never replaced.
fn is_device(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| !found.is_file() && !found.is_dir())
}

fn exists(path: &Path) -> Failed {
    Failed::new(Exit::USAGE, "file_exists", format!("{} already exists", path.display()))
        .hint("choose another name, or overwrite it with --force")
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn cannot_write(path: &Path, error: &io::Error) -> Failed {
    Failed::new(Exit::USAGE, "output", format!("cannot write {}: {error}", path.display()))
}

fn aside(path: &Path) -> Result<tempfile::NamedTempFile, Failed> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".t2s-").suffix(".tmp");
    #[cfg(unix)]
    {
        // A temporary file is private by default; an export is shared as the umask says.
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder_of(path)).map_err(|e| cannot_write(path, &e))
}
