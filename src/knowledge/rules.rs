//! Business rules: Markdown files, cut at their first two levels of headings.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::{KnowledgeError, Rule, TextFile};

/// Every rule of every `.md` file, in the order of file names.
pub(super) fn read(folder: &Path) -> Result<Vec<Rule>, KnowledgeError> {
    let mut rules = Vec::new();
    for path in markdown_files(folder)? {
        if let Some(file) = TextFile::read(&path)? {
            let stem = path.file_stem().map(|s| s.to_string_lossy().replace(['-', '_'], " ")).unwrap_or_default();
            rules.extend(cut(&file.text, &stem));
        }
    }
    Ok(rules)
}

fn markdown_files(folder: &Path) -> Result<Vec<PathBuf>, KnowledgeError> {
    let unreadable =
        |e: std::io::Error| KnowledgeError::Unreadable { file: folder.display().to_string(), why: e.to_string() };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(unreadable(e)),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(unreadable)?.path();
        if path.is_file() && path.extension().is_some_and(|e| e.eq_ignore_ascii_case("md")) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Text before the first heading goes under the file's own name; a heading without text is left out.
fn cut(text: &str, file_stem: &str) -> Vec<Rule> {
    let mut rules = vec![Rule { heading: file_stem.to_owned(), text: String::new() }];
    let mut fenced = false;
    for line in text.lines() {
        fenced ^= line.trim_start().starts_with("```");
        match heading(line) {
            Some(heading) if !fenced => rules.push(Rule { heading: heading.to_owned(), text: String::new() }),
            _ => {
                if let Some(rule) = rules.last_mut() {
                    rule.text.push_str(line);
                    rule.text.push('\n');
                }
            }
        }
    }
    rules
        .into_iter()
        .map(|rule| Rule { text: rule.text.trim().to_owned(), ..rule })
        .filter(|rule| !rule.text.is_empty())
        .collect()
}

fn heading(line: &str) -> Option<&str> {
    let title = line.strip_prefix("## ").or_else(|| line.strip_prefix("# "))?.trim().trim_end_matches('#').trim_end();
    (!title.is_empty()).then_some(title)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(heading: &str, text: &str) -> Rule {
        Rule { heading: heading.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn a_heading_begins_a_rule() {
        let text = "# Revenue\nNet of tax.\n\n### Detail\nstays.\n## Returns ##\nAre negative.\n# Empty\n";
        assert_eq!(
            cut(text, "money"),
            [rule("Revenue", "Net of tax.\n\n### Detail\nstays."), rule("Returns", "Are negative.")]
        );
    }

    #[test]
    fn a_comment_in_code_is_no_heading() {
        let text = "intro\n# Rule\n```sh\n# not a heading\n```\n";
        assert_eq!(cut(text, "notes"), [rule("notes", "intro"), rule("Rule", "```sh\n# not a heading\n```")]);
    }

    #[test]
    fn reads_only_markdown_in_order_of_names() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [("b.md", "# B\nb"), ("a.MD", "# A\na"), ("c.txt", "# C\nc")] {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let headings: Vec<_> = read(folder.path()).unwrap().into_iter().map(|r| r.heading).collect();
        assert_eq!(headings, ["A", "B"]);
    }
}
