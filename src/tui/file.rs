//! An answer written to a file: its rows in the format of the file's name, or its chart as a picture.

use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::chart::{png, svg};
use crate::export::{self, Format};
use crate::pipeline::response::{Answer, ChartSpec};
use crate::schema::Schema;

/// Pixels of a picture.
const PICTURE: (u32, u32) = (1200, 800);

/// Writes beside the file and renames, so that a file is whole or absent; one that exists is replaced only with `force`.
/// Both outcomes are told in words.
pub fn write(
    path: &Path,
    force: bool,
    answer: &Answer,
    chart: Option<&ChartSpec>,
    schema: &Schema,
) -> Result<String, String> {
    let told = |e: io::Error| format!("{}: {e}", path.display());
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = NamedTempFile::new_in(folder).map_err(told)?;
    let what = fill(&mut file, path, answer, chart, schema)?;
    let bytes = file.as_file().metadata().map_err(told)?.len();
    let kept = if force { file.persist(path) } else { file.persist_noclobber(path) };
    match kept {
        Ok(_) => Ok(format!("exported {what}, {bytes} bytes, to {}", path.display())),
        Err(failure) if failure.error.kind() == io::ErrorKind::AlreadyExists => {
            Err(format!("{} exists; add --force to replace it", path.display()))
        }
        Err(failure) => Err(told(failure.error)),
    }
}

/// Writes the content that the file's name asks for, and says what it is.
fn fill(
    file: &mut NamedTempFile,
    path: &Path,
    answer: &Answer,
    chart: Option<&ChartSpec>,
    schema: &Schema,
) -> Result<String, String> {
    let told = |e: io::Error| format!("{}: {e}", path.display());
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
    if matches!(extension.as_str(), "png" | "svg") {
        file.write_all(&picture(&extension, answer, chart)?).map_err(told)?;
        return Ok("the chart".to_owned());
    }
    let format = Format::from_extension(&extension).ok_or_else(|| {
        format!("no format for .{extension}; there are csv, tsv, json, jsonl, md, html, sql, txt, png, svg")
    })?;
    export::write(answer, schema, format, &export::Options::default(), file).map_err(told)?;
    let rows = answer.result.as_ref().map_or(0, |result| result.rows.len());
    Ok(format!("{rows} rows"))
}

fn picture(extension: &str, answer: &Answer, chart: Option<&ChartSpec>) -> Result<Vec<u8>, String> {
    let (Some(spec), Some(result)) = (chart, &answer.result) else {
        return Err("this answer has no chart".to_owned());
    };
    let (width, height) = PICTURE;
    let drawn = match extension {
        "png" => png(spec, result, width, height),
        _ => svg(spec, result, width, height).map(String::into_bytes),
    };
    drawn.map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::tui::samples::answer;

    #[test]
    fn the_name_of_the_file_decides_what_is_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let answer = answer("weight by hall");
        let write = |name: &str| {
            let path = folder.path().join(name);
            let told = write(&path, false, &answer, answer.chart.as_ref(), &Schema::default());
            (told, fs::read(&path).unwrap_or_default())
        };
        assert!(write("a.tsv").1.starts_with(b"hall\tweight\n"));
        assert!(write("a.PNG").1.starts_with(b"\x89PNG"));
        assert!(String::from_utf8_lossy(&write("a.svg").1).contains("<svg"));
        let (told, bytes) = write("a.xyz");
        assert!(told.expect_err("no such format").contains("no format for .xyz") && bytes.is_empty());
        assert!(write("a").0.is_err());
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 3, "what failed leaves nothing behind");
    }

    #[test]
    fn without_a_chart_there_is_no_picture() {
        let folder = tempfile::tempdir().expect("a folder");
        let told = write(&folder.path().join("a.png"), false, &answer("q"), None, &Schema::default());
        assert_eq!(told, Err("this answer has no chart".to_owned()));
    }
}
