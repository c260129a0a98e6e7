//! The package around a sheet: parts, relations, shared texts, formats, sheet choice.
//!
//! Opens the zip, refuses what would inflate beyond the limits, and hands the chosen
//! sheet to `sheet`. Shared texts are the only part held in memory, packed into
//! one buffer.

use super::sheet::{Context, SheetRows, row_of};
use super::source::Source;
use super::value::{self, CellFormat};
use super::xml::{XmlPart, attr, attr_text, damaged, push_entity};
use super::{ForeignFormat, Limits, TableError};
use quick_xml::events::Event;
use std::collections::HashMap;
use zip::ZipArchive;
use zip::read::ZipFile;

/// Parts a workbook may have; real ones have dozens.
const MAX_PARTS: usize = 20_000;
/// Longest text of one cell, bytes: 32,767 characters of up to four bytes, with room.
pub(super) const MAX_TEXT_BYTES: usize = 1 << 18;

/// Texts that cells refer to by number.
#[derive(Default)]
pub(super) struct SharedTexts {
    text: String,
    ends: Vec<usize>,
}

impl SharedTexts {
    pub(super) fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        let start = match index {
            0 => 0,
            _ => self.ends[index - 1],
        };
        self.text.get(start..end)
    }
}

struct SheetEntry {
    name: String,
    relation: String,
    hidden: bool,
}

struct Relation {
    kind: String,
    target: String,
}

/// An opened workbook with one sheet chosen.
pub(super) struct Book {
    archive: ZipArchive<Source>,
    /// Part names in lower case with `/`, because some writers differ in both.
    index: HashMap<String, usize>,
    texts: SharedTexts,
    formats: Vec<CellFormat>,
    date1904: bool,
    limits: Limits,
    /// Bytes that may still be inflated while opening.
    budget: u64,
    sheet: (String, usize),
}

impl Book {
    pub(super) fn open(
        source: Source,
        limits: &Limits,
        wanted: Option<&str>,
    ) -> Result<Book, TableError> {
        // It began like a package: what is missing is its end.
        let mut archive = ZipArchive::new(source).map_err(|_| TableError::Damaged {
            part: String::new(),
            what: "end of the package",
            row: None,
        })?;
        refuse_bombs(&mut archive, limits)?;
        let index = (0..archive.len())
            .filter_map(|i| Some((part_key(archive.name_for_index(i)?), i)))
            .collect();
        let mut book = Book {
            archive,
            index,
            texts: SharedTexts::default(),
            formats: Vec::new(),
            date1904: false,
            limits: *limits,
            budget: limits.max_uncompressed_bytes,
            sheet: (String::new(), 0),
        };
        let main = book.main_part()?;
        if !book.index.contains_key(&part_key(&main)) {
            return Err(TableError::Foreign(book.what_else()));
        }
        let sheets = book.read_main(&main)?;
        let folder = main.rsplit_once('/').map_or("", |(f, _)| f).to_owned();
        let relations = book.relations(&relations_part(&main), &folder)?;
        for relation in relations.values() {
            match relation.kind.rsplit('/').next() {
                Some("sharedStrings") => book.read_texts(&relation.target)?,
                Some("styles") => book.read_formats(&relation.target)?,
                _ => {}
            }
        }
        book.choose_sheet(&sheets, &relations, wanted)?;
        Ok(book)
    }

    /// What kind of package it is when it is no workbook.
    fn what_else(&self) -> ForeignFormat {
        let has = |start: &str| self.index.keys().any(|part| part.starts_with(start));
        match () {
            () if has("word/") => ForeignFormat::Word,
            () if has("ppt/") => ForeignFormat::Slides,
            () if has("mimetype") && has("content.xml") => ForeignFormat::OpenDocument,
            () => ForeignFormat::Archive,
        }
    }

    pub(super) fn sheet_name(&self) -> &str {
        &self.sheet.0
    }

    /// Streams the chosen sheet from its start.
    pub(super) fn rows(&mut self) -> Result<SheetRows<'_>, TableError> {
        let budget = self.limits.max_uncompressed_bytes;
        self.sheet_rows(self.sheet.1, budget)
    }

    fn sheet_rows(&mut self, entry: usize, budget: u64) -> Result<SheetRows<'_>, TableError> {
        let Book {
            archive,
            texts,
            formats,
            date1904,
            limits,
            ..
        } = self;
        let xml = open_part(archive, entry, budget, limits.max_uncompressed_bytes)?;
        let context = Context {
            texts,
            formats,
            date1904: *date1904,
            limits: *limits,
        };
        Ok(SheetRows::new(xml, context))
    }

    /// The last row the sheet says it has; `None` when it says nothing believable.
    pub(super) fn estimated_last_row(&mut self) -> Option<u64> {
        let entry = self.sheet.1;
        let size = self.archive.by_index_raw(entry).ok()?.size();
        let limit = self.limits.max_uncompressed_bytes;
        let mut xml = open_part(&mut self.archive, entry, limit, limit).ok()?;
        loop {
            match xml.next().ok()? {
                Event::Start(e) if e.local_name().as_ref() == "dimension" => {
                    let area = attr(&e, "ref")?;
                    let last = row_of(area.rsplit(':').next()?)?;
                    // `<row r="1"/>` is the shortest row there is.
                    return (last > 1 && last <= size / 12).then_some(last);
                }
                Event::Start(e) if e.local_name().as_ref() == "sheetData" => return None,
                Event::Eof => return None,
                _ => {}
            }
        }
    }

    fn part(&mut self, name: &str) -> Result<Option<XmlPart<ZipFile<'_, Source>>>, TableError> {
        let Some(&entry) = self.index.get(&part_key(name)) else {
            return Ok(None);
        };
        open_part(
            &mut self.archive,
            entry,
            self.budget,
            self.limits.max_uncompressed_bytes,
        )
        .map(Some)
    }

    fn spend(&mut self, used: u64) {
        self.budget = self.budget.saturating_sub(used);
    }

    /// Name of the main part; the usual one when the package does not say.
    fn main_part(&mut self) -> Result<String, TableError> {
        let relations = self.relations("_rels/.rels", "")?;
        let main = relations
            .into_values()
            .find(|r| r.kind.ends_with("/officeDocument"));
        Ok(main.map_or_else(|| "xl/workbook.xml".to_owned(), |r| r.target))
    }

    /// Relations by id, targets resolved against `folder`. A missing part has none.
    fn relations(
        &mut self,
        name: &str,
        folder: &str,
    ) -> Result<HashMap<String, Relation>, TableError> {
        let mut found = HashMap::new();
        let Some(mut xml) = self.part(name)? else {
            return Ok(found);
        };
        loop {
            match xml.next()? {
                Event::Start(e) if e.local_name().as_ref() == "Relationship" => {
                    if let (Some(id), Some(kind), Some(target)) = (
                        attr_text(&e, "Id"),
                        attr_text(&e, "Type"),
                        attr_text(&e, "Target"),
                    ) {
                        let target = resolve(folder, &target);
                        found.insert(id, Relation { kind, target });
                    }
                }
                Event::Eof => break,
                _ => {}
            }
        }
        let used = xml.used();
        drop(xml);
        self.spend(used);
        Ok(found)
    }

    fn read_main(&mut self, name: &str) -> Result<Vec<SheetEntry>, TableError> {
        let mut sheets = Vec::new();
        let mut date1904 = false;
        let Some(mut xml) = self.part(name)? else {
            return Err(damaged(name, "missing part"));
        };
        loop {
            match xml.next()? {
                Event::Start(e) if e.local_name().as_ref() == "workbookPr" => {
                    if let Some(v) = attr(&e, "date1904") {
                        date1904 = matches!(v.as_ref(), "1" | "true");
                    }
                }
                Event::Start(e) if e.local_name().as_ref() == "sheet" => {
                    let hidden = attr(&e, "state").is_some_and(|s| s != "visible");
                    if let (Some(name), Some(relation)) =
                        (attr_text(&e, "name"), attr_text(&e, "id"))
                    {
                        sheets.push(SheetEntry {
                            name,
                            relation,
                            hidden,
                        });
                    }
                }
                Event::Eof => break,
                _ => {}
            }
        }
        let used = xml.used();
        drop(xml);
        self.spend(used);
        self.date1904 = date1904;
        Ok(sheets)
    }

    fn read_texts(&mut self, name: &str) -> Result<(), TableError> {
        let limit = self.limits.max_shared_text_bytes;
        let Some(mut xml) = self.part(name)? else {
            return Ok(());
        };
        let mut texts = SharedTexts::default();
        let mut item = String::new();
        let (mut wanted, mut phonetic) = (false, false);
        loop {
            match xml.next()? {
                Event::Start(e) => match e.local_name().as_ref() {
                    "t" => wanted = !phonetic,
                    "rPh" => phonetic = true,
                    _ => {}
                },
                Event::End(e) => match e.local_name().as_ref() {
                    "t" => wanted = false,
                    "rPh" => phonetic = false,
                    "si" => {
                        texts
                            .text
                            .push_str(value::clean(&value::unescape_excel(&item)));
                        texts.ends.push(texts.text.len());
                        item.clear();
                    }
                    _ => {}
                },
                Event::Text(t) if wanted => item.push_str(&t.xml10_content()),
                Event::CData(t) if wanted => item.push_str(&t.xml10_content()),
                Event::GeneralRef(r) if wanted => push_entity(&mut item, &r),
                Event::Eof => break,
                _ => {}
            }
            if item.len() > MAX_TEXT_BYTES {
                return Err(damaged(name, "text longer than Excel allows"));
            }
            let held = texts.text.len() + texts.ends.len() * size_of::<usize>();
            if held as u64 > limit {
                return Err(TableError::TooLarge {
                    limit,
                    unpacked: true,
                });
            }
        }
        let used = xml.used();
        drop(xml);
        self.spend(used);
        self.texts = texts;
        Ok(())
    }

    fn read_formats(&mut self, name: &str) -> Result<(), TableError> {
        let Some(mut xml) = self.part(name)? else {
            return Ok(());
        };
        let mut codes: HashMap<u32, String> = HashMap::new();
        let mut formats = Vec::new();
        let mut in_cell_formats = false;
        loop {
            match xml.next()? {
                Event::Start(e) => match e.local_name().as_ref() {
                    "numFmt" => {
                        let id = attr(&e, "numFmtId").and_then(|v| v.parse().ok());
                        if let (Some(id), Some(code)) = (id, attr_text(&e, "formatCode")) {
                            codes.insert(id, code);
                        }
                    }
                    "cellXfs" => in_cell_formats = true,
                    "xf" if in_cell_formats => {
                        let id = attr(&e, "numFmtId")
                            .and_then(|v| v.parse().ok())
                            .unwrap_or(0);
                        formats.push(value::classify(id, codes.get(&id).map(String::as_str)));
                    }
                    _ => {}
                },
                Event::End(e) if e.local_name().as_ref() == "cellXfs" => in_cell_formats = false,
                Event::Eof => break,
                _ => {}
            }
        }
        let used = xml.used();
        drop(xml);
        self.spend(used);
        self.formats = formats;
        Ok(())
    }

    fn choose_sheet(
        &mut self,
        sheets: &[SheetEntry],
        relations: &HashMap<String, Relation>,
        wanted: Option<&str>,
    ) -> Result<(), TableError> {
        let entry = |book: &Book, sheet: &SheetEntry| {
            let relation = relations.get(&sheet.relation)?;
            relation.kind.ends_with("/worksheet").then_some(())?;
            book.index.get(&part_key(&relation.target)).copied()
        };
        if let Some(wanted) = wanted {
            let found = sheets.iter().find(|s| s.name.trim() == wanted.trim());
            let Some(found) = found else {
                let sheets = sheets.iter().map(|s| s.name.clone()).collect();
                return Err(TableError::NoSuchSheet { sheets });
            };
            let index = entry(self, found)
                .ok_or_else(|| damaged("xl/workbook.xml", "sheet without part"))?;
            self.sheet = (found.name.clone(), index);
            return Ok(());
        }
        for sheet in sheets.iter().filter(|s| !s.hidden) {
            let Some(index) = entry(self, sheet) else {
                continue;
            };
            if self.has_text(index)? {
                self.sheet = (sheet.name.clone(), index);
                return Ok(());
            }
        }
        Err(TableError::Empty)
    }

    fn has_text(&mut self, entry: usize) -> Result<bool, TableError> {
        let budget = self.budget;
        let mut rows = self.sheet_rows(entry, budget)?;
        let mut found = false;
        while let Some(row) = rows.next_row()? {
            if row.cells.iter().any(|c| !c.is_empty()) {
                found = true;
                break;
            }
        }
        let used = rows.used();
        drop(rows);
        self.spend(used);
        Ok(found)
    }
}

/// Refuses by what the package itself says, before anything is inflated.
fn refuse_bombs(archive: &mut ZipArchive<Source>, limits: &Limits) -> Result<(), TableError> {
    let limit = limits.max_uncompressed_bytes;
    if archive.len() > MAX_PARTS {
        return Err(damaged("zip", "too many parts"));
    }
    let mut total = 0u64;
    for i in 0..archive.len() {
        let part = archive
            .by_index_raw(i)
            .map_err(|_| damaged("zip", "unreadable directory"))?;
        total = total.saturating_add(part.size());
        if total > limit {
            return Err(TableError::TooLarge {
                limit,
                unpacked: true,
            });
        }
    }
    Ok(())
}

fn open_part(
    archive: &mut ZipArchive<Source>,
    entry: usize,
    budget: u64,
    limit: u64,
) -> Result<XmlPart<ZipFile<'_, Source>>, TableError> {
    let name = archive.name_for_index(entry).unwrap_or_default().to_owned();
    match archive.by_index(entry) {
        Ok(file) => Ok(XmlPart::new(file, &name, budget, limit)),
        Err(_) => Err(damaged(&name, "cannot be unpacked")),
    }
}

fn part_key(name: &str) -> String {
    name.trim_start_matches('/')
        .replace('\\', "/")
        .to_ascii_lowercase()
}

fn relations_part(main: &str) -> String {
    match main.rsplit_once('/') {
        Some((folder, file)) => format!("{folder}/_rels/{file}.rels"),
        None => format!("_rels/{main}.rels"),
    }
}

/// Absolute part name of a relation's target.
fn resolve(folder: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut path: Vec<&str> = folder.split('/').filter(|s| !s.is_empty()).collect();
    for step in target.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                path.pop();
            }
            _ => path.push(step),
        }
    }
    path.join("/")
}
