//! The week workbook of a branch: an overview and one sheet a day, to be printed,
//! carried along and written on by hand.
//!
//! Takes finished texts; decides only the layout: A4, portrait where the texts fit,
//! rows high enough for handwriting, a new page for every team, headers repeated.
//! Column widths add up to the page, so that one page is one page wide even where a
//! program ignores the fit-to-width setting.

use crate::kit::{self, BookMeta, Fonts, GRID_ROWS, Styles, WriteError};
use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Worksheet};
use std::collections::HashSet;

/// Words that repeat on every sheet.
#[derive(Clone, Debug)]
pub struct WeekPlanWords {
    /// Header: order of the visit.
    pub order: String,
    /// Header: village group.
    pub village_group: String,
    /// Header: time.
    pub time: String,
    /// Header: householder.
    pub householder: String,
    /// Header: reason of the visit.
    pub reason: String,
    /// Header: remarks (blank on paper).
    pub remarks: String,
    /// Header: signature (blank on paper).
    pub signature: String,
    /// Heading of the shortfall box.
    pub shortfall: String,
    /// Foot of a page; `{page}` and `{pages}` become the numbers.
    pub page_foot: String,
}

/// One visit.
#[derive(Clone, Debug)]
pub struct VisitLine {
    /// Order within the team's day, 1-based.
    pub order: u32,
    /// Village group.
    pub village_group: String,
    /// Time or window, e.g. `18:30`.
    pub time: String,
    /// Householder as he may be printed.
    pub householder: String,
    /// Reason of the visit.
    pub reason: String,
    /// Printed remark; usually empty and written by hand.
    pub remarks: String,
}

/// A team's visits of a day.
#[derive(Clone, Debug)]
pub struct TeamPlan {
    /// Team and its members.
    pub heading: String,
    /// Window, distance, meeting point and the like; may be empty.
    pub window: String,
    /// Visits in order; a team without any still gets its heading.
    pub visits: Vec<VisitLine>,
}

/// One day.
#[derive(Clone, Debug)]
pub struct WeekPlanSheet {
    /// Name of the sheet, e.g. `10-10 周一`.
    pub sheet_name: String,
    /// Title.
    pub title: String,
    /// Branch, date, weekday.
    pub subtitle: String,
    /// Lunar date, holiday, market day; may be empty.
    pub note: String,
    /// Lines of the box on top; empty = no box.
    pub shortfall: Vec<String>,
    /// Teams, each on pages of its own.
    pub teams: Vec<TeamPlan>,
    /// Lines at the end, e.g. for signatures.
    pub closing: Vec<String>,
}

/// The first sheet: the week at a glance.
#[derive(Clone, Debug)]
pub struct WeekOverview {
    /// Name of the sheet.
    pub sheet_name: String,
    /// Title.
    pub title: String,
    /// Branch and week.
    pub subtitle: String,
    /// Lines of the box on top; empty = no box.
    pub shortfall: Vec<String>,
    /// Headers of the table.
    pub headers: Vec<String>,
    /// One row a day or team.
    pub rows: Vec<Vec<String>>,
    /// Last row, set off; may be empty.
    pub total: Vec<String>,
    /// Lines below the table.
    pub notes: Vec<String>,
}

/// What to write.
#[derive(Clone, Debug)]
pub struct WeekPlanBook {
    /// File properties.
    pub meta: BookMeta,
    /// Fonts.
    pub fonts: Fonts,
    /// Words.
    pub words: WeekPlanWords,
    /// First sheet.
    pub overview: WeekOverview,
    /// One sheet a day.
    pub days: Vec<WeekPlanSheet>,
}

const TITLE_PT: f64 = 18.0;
const SUBTITLE_PT: f64 = 12.0;
const BODY_PT: f64 = 11.0;
const NOTE_PT: f64 = 10.0;
/// Columns of a day: order, village group, time, householder, reason, remarks, signature.
const DAY_COLUMNS: usize = 7;
/// A reason of more lines than this turns the page to landscape.
const REASON_LINES_PORTRAIT: u32 = 3;

/// Writes the workbook. Equal input gives equal bytes.
///
/// # Errors
/// A sheet with more rows than Excel has, or a text of more than 32,767 characters.
pub fn write_week_plan(book: &WeekPlanBook) -> Result<Vec<u8>, WriteError> {
    let mut out = kit::new_book(&book.meta)?;
    let styles = Styles::new(&book.fonts);
    let mut taken = HashSet::new();
    let sheet = out.add_worksheet();
    sheet.set_name(kit::sheet_name(&book.overview.sheet_name, &mut taken))?;
    write_overview(sheet, &book.overview, &book.words, &styles)?;
    for day in &book.days {
        let sheet = out.add_worksheet();
        sheet.set_name(kit::sheet_name(&day.sheet_name, &mut taken))?;
        write_day(sheet, day, &book.words, &styles)?;
    }
    Ok(out.save_to_buffer()?)
}

/// Height of a team's heading.
const TEAM_HEADING_PT: f64 = 22.0;

/// A sheet being filled from top to bottom.
struct Page<'a> {
    sheet: &'a mut Worksheet,
    styles: &'a Styles,
    widths: Vec<u32>,
    row: u32,
    /// Height used on the printed page so far, in points.
    used_pt: f64,
}

impl Page<'_> {
    fn row_height(&mut self, height_pt: f64) -> Result<(), WriteError> {
        self.sheet.set_row_height(self.row, height_pt)?;
        self.used_pt += height_pt;
        self.row += 1;
        Ok(())
    }

    fn last_column(&self) -> u16 {
        (self.widths.len() - 1) as u16
    }

    fn total_px(&self) -> u32 {
        self.widths.iter().sum()
    }

    /// One line over the whole width; nothing when empty.
    fn line(
        &mut self,
        text: &str,
        format: &Format,
        size_pt: f64,
        least_pt: f64,
    ) -> Result<(), WriteError> {
        if text.is_empty() {
            return Ok(());
        }
        let lines = kit::lines_in(text, size_pt, self.total_px());
        kit::write_across(self.sheet, self.row, self.last_column(), text, format)?;
        self.row_height(kit::height_pt(lines, size_pt).max(least_pt))
    }

    fn heading(&mut self, title: &str, subtitle: &str, note: &str) -> Result<(), WriteError> {
        let title_format = self.styles.title(TITLE_PT);
        self.line(title, &title_format, TITLE_PT, 32.0)?;
        let centred = self.styles.body(SUBTITLE_PT).set_align(FormatAlign::Center);
        self.line(subtitle, &centred, SUBTITLE_PT, 20.0)?;
        let centred = self.styles.body(NOTE_PT).set_align(FormatAlign::Center);
        self.line(note, &centred, NOTE_PT, 17.0)
    }

    /// The box that says what is missing, with a thick frame.
    fn shortfall(&mut self, heading: &str, lines: &[String]) -> Result<(), WriteError> {
        let Some((last, upper)) = lines.split_last() else {
            return Ok(());
        };
        let side = |size| {
            self.styles
                .body(size)
                .set_background_color(kit::NOTICE_FILL)
                .set_indent(1)
                .set_border_left(FormatBorder::Medium)
                .set_border_right(FormatBorder::Medium)
        };
        let top = side(SUBTITLE_PT)
            .set_bold()
            .set_border_top(FormatBorder::Medium);
        let middle = side(BODY_PT);
        let bottom = side(BODY_PT).set_border_bottom(FormatBorder::Medium);
        self.line(heading, &top, SUBTITLE_PT, 20.0)?;
        for text in upper {
            self.line(text, &middle, BODY_PT, 18.0)?;
        }
        self.line(last, &bottom, BODY_PT, 18.0)?;
        self.gap(6.0)
    }

    fn gap(&mut self, height_pt: f64) -> Result<(), WriteError> {
        self.row_height(height_pt)
    }

    /// One table row, as high as its longest text needs.
    fn cells(
        &mut self,
        texts: &[&str],
        formats: &[&Format],
        size_pt: f64,
    ) -> Result<(), WriteError> {
        for (c, (text, format)) in texts.iter().zip(formats).enumerate() {
            kit::write_text(self.sheet, self.row, c as u16, text, format)?;
        }
        let height = self.cells_height(texts, size_pt);
        self.row_height(height)
    }

    fn cells_height(&self, texts: &[&str], size_pt: f64) -> f64 {
        let lines = texts
            .iter()
            .zip(&self.widths)
            .map(|(text, width)| kit::lines_in(text, size_pt, *width));
        kit::height_pt(lines.max().unwrap_or(1), size_pt).max(kit::HANDWRITING_PT)
    }

    /// How high a team's heading and rows will be, in points.
    fn team_height(&self, team: &TeamPlan) -> f64 {
        let rows = team.visits.iter().map(|v| {
            let texts = [
                "",
                &v.village_group,
                &v.time,
                &v.householder,
                &v.reason,
                &v.remarks,
            ];
            self.cells_height(&texts, BODY_PT)
        });
        TEAM_HEADING_PT + rows.sum::<f64>()
    }

    fn finish(
        &mut self,
        landscape: bool,
        head: (&str, &str),
        foot: &str,
    ) -> Result<(), WriteError> {
        kit::set_page(self.sheet, landscape);
        kit::set_head_and_foot(self.sheet, head.0, head.1, foot);
        let last = self.row.saturating_sub(1);
        self.sheet.set_print_area(0, 0, last, self.last_column())?;
        Ok(())
    }
}

fn write_day(
    sheet: &mut Worksheet,
    day: &WeekPlanSheet,
    words: &WeekPlanWords,
    styles: &Styles,
) -> Result<(), WriteError> {
    let rows: usize = day.teams.iter().map(|t| t.visits.len() + 1).sum();
    if rows + 1_000 > GRID_ROWS {
        let sheet = day.sheet_name.clone();
        return Err(WriteError::TooManyRows { sheet, rows });
    }
    let (widths, landscape) = day_layout(day, words);
    for (c, width) in widths.iter().enumerate() {
        sheet.set_column_width_pixels(c as u16, *width)?;
    }
    let mut page = Page {
        sheet,
        styles,
        widths,
        row: 0,
        used_pt: 0.0,
    };
    page.heading(&day.title, &day.subtitle, &day.note)?;
    page.shortfall(&words.shortfall, &day.shortfall)?;
    let header_row = page.row;
    let header = styles.header(BODY_PT);
    page.cells(&day_headers(words), &[&header; DAY_COLUMNS], BODY_PT)?;
    page.sheet.set_repeat_rows(header_row, header_row)?;
    page.sheet.set_freeze_panes(page.row, 0)?;
    // One sheet of paper a day where it fits; else a team that would be cut
    // starts on the next page, below the repeated header row.
    let room = kit::page_height_pt(landscape);
    let mut breaks = Vec::new();
    for (i, team) in day.teams.iter().enumerate() {
        if i > 0 && page.used_pt + page.team_height(team) > room {
            breaks.push(page.row);
            page.used_pt = kit::HANDWRITING_PT;
        }
        write_team(&mut page, team)?;
    }
    page.sheet.set_page_breaks(&breaks)?;
    if !day.closing.is_empty() {
        page.gap(8.0)?;
    }
    let closing = styles.body(BODY_PT);
    for text in &day.closing {
        page.line(text, &closing, BODY_PT, kit::HANDWRITING_PT)?;
    }
    page.finish(landscape, (&day.title, &day.subtitle), &words.page_foot)
}

fn write_team(page: &mut Page<'_>, team: &TeamPlan) -> Result<(), WriteError> {
    let heading = page
        .styles
        .cell(BODY_PT)
        .set_bold()
        .set_indent(1)
        .set_background_color(kit::GROUP_FILL);
    let separator = if team.window.is_empty() || team.heading.is_empty() {
        ""
    } else {
        "　"
    };
    let text = format!("{}{separator}{}", team.heading, team.window);
    page.line(&text, &heading, BODY_PT, TEAM_HEADING_PT)?;
    let left = page.styles.cell(BODY_PT).set_indent(1);
    let centre = page.styles.cell(BODY_PT).set_align(FormatAlign::Center);
    for visit in &team.visits {
        let order = visit.order.to_string();
        let texts = [
            order.as_str(),
            &visit.village_group,
            &visit.time,
            &visit.householder,
            &visit.reason,
            &visit.remarks,
            "",
        ];
        page.cells(
            &texts,
            &[&centre, &left, &centre, &centre, &left, &left, &left],
            BODY_PT,
        )?;
    }
    Ok(())
}

fn day_headers(words: &WeekPlanWords) -> [&str; DAY_COLUMNS] {
    [
        &words.order,
        &words.village_group,
        &words.time,
        &words.householder,
        &words.reason,
        &words.remarks,
        &words.signature,
    ]
}

/// Column widths in pixels that fill the page, and whether it is landscape.
fn day_layout(day: &WeekPlanSheet, words: &WeekPlanWords) -> (Vec<u32>, bool) {
    let visits = || day.teams.iter().flat_map(|t| &t.visits);
    let widest = |header: &str, text: fn(&VisitLine) -> &str| {
        let cells = visits().map(|v| kit::text_px(text(v), BODY_PT)).max();
        cells.unwrap_or(0).max(kit::text_px(header, BODY_PT)) + kit::CELL_PADDING_PX
    };
    let group = widest(&words.village_group, |v| &v.village_group);
    let time = widest(&words.time, |v| &v.time).clamp(58, 110);
    let householder = widest(&words.householder, |v| &v.householder).clamp(72, 120);
    let reason = widest(&words.reason, |v| &v.reason).clamp(120, 1_200);
    let order = (kit::text_px(&words.order, BODY_PT) + kit::CELL_PADDING_PX).clamp(40, 60);
    let layout = |page: u32, group_most: u32, remarks: u32, signature: u32| {
        let group = group.clamp(80, group_most);
        let rest = page - order - group - time - householder - remarks - signature;
        // What the reason does not need is room to write.
        let reason = reason.min(rest);
        let widths = vec![
            order,
            group,
            time,
            householder,
            reason,
            remarks + rest - reason,
            signature,
        ];
        (widths, reason)
    };
    let (portrait, reason_px) = layout(kit::PORTRAIT_PX, 130, 100, 84);
    let most = visits()
        .map(|v| kit::lines_in(&v.reason, BODY_PT, reason_px))
        .max();
    if most.unwrap_or(1) <= REASON_LINES_PORTRAIT {
        return (portrait, false);
    }
    (layout(kit::LANDSCAPE_PX, 190, 160, 110).0, true)
}

fn write_overview(
    sheet: &mut Worksheet,
    overview: &WeekOverview,
    words: &WeekPlanWords,
    styles: &Styles,
) -> Result<(), WriteError> {
    if overview.headers.is_empty() {
        return Err(WriteError::Nothing("overview without headers"));
    }
    let (widths, landscape) = overview_layout(overview);
    for (c, width) in widths.iter().enumerate() {
        sheet.set_column_width_pixels(c as u16, *width)?;
    }
    let columns = widths.len();
    let mut page = Page {
        sheet,
        styles,
        widths,
        row: 0,
        used_pt: 0.0,
    };
    page.heading(&overview.title, &overview.subtitle, "")?;
    page.shortfall(&words.shortfall, &overview.shortfall)?;
    let texts = |row: &[String]| -> Vec<String> {
        (0..columns)
            .map(|c| row.get(c).cloned().unwrap_or_default())
            .collect()
    };
    let header = styles.header(BODY_PT);
    let header_row = page.row;
    let cell = styles.cell(BODY_PT).set_align(FormatAlign::Center);
    let total = cell
        .clone()
        .set_bold()
        .set_background_color(kit::GROUP_FILL);
    let mut write = |row: &[String], format: &Format| {
        let texts = texts(row);
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        page.cells(&texts, &vec![format; columns], BODY_PT)
    };
    write(&overview.headers, &header)?;
    for row in &overview.rows {
        write(row, &cell)?;
    }
    if !overview.total.is_empty() {
        write(&overview.total, &total)?;
    }
    page.sheet.set_repeat_rows(header_row, header_row)?;
    let note = styles.body(NOTE_PT);
    if !overview.notes.is_empty() {
        page.gap(6.0)?;
    }
    for text in &overview.notes {
        page.line(text, &note, NOTE_PT, 17.0)?;
    }
    page.finish(
        landscape,
        (&overview.title, &overview.subtitle),
        &words.page_foot,
    )
}

/// Widths by the longest text, stretched or squeezed to the page.
fn overview_layout(overview: &WeekOverview) -> (Vec<u32>, bool) {
    let need = |c: usize| {
        let rows = overview
            .rows
            .iter()
            .chain([&overview.total, &overview.headers]);
        let cells = rows.filter_map(|row| row.get(c));
        let widest = cells.map(|t| kit::text_px(t, BODY_PT)).max().unwrap_or(0);
        (widest + kit::CELL_PADDING_PX).clamp(44, 260)
    };
    let needs: Vec<u32> = (0..overview.headers.len()).map(need).collect();
    let total: u32 = needs.iter().sum();
    let landscape = total > kit::PORTRAIT_PX * 6 / 5;
    let page = if landscape {
        kit::LANDSCAPE_PX
    } else {
        kit::PORTRAIT_PX
    };
    let widths = needs
        .iter()
        .map(|w| (u64::from(*w) * u64::from(page) / u64::from(total.max(1))) as u32)
        .collect();
    (widths, landscape)
}
