//! From text to a checked syntax tree: syntax, size limits, and the list of
//! functions that both engines (server and phone) evaluate alike. Knows nothing
//! of variables' types; see `check` for those.

use crate::pattern::portable;
use crate::words;
use cel::Env as CelEnv;
use cel::common::ast::{
    CallExpr, EntryExpr, Expr as Node, IdedExpr, LiteralValue, SelectExpr, SourceInfo,
};
use cel::parser::{Macro, ParseErrors};
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};
use thiserror::Error;

/// Longest text of an expression, in characters.
pub const MAX_TEXT: usize = 2_000;
/// Most nodes of an expression, macros unexpanded.
pub const MAX_NODES: usize = 400;
/// Deepest nesting of an expression.
pub const MAX_DEPTH: usize = 40;
/// Deepest nesting of `all`, `exists`, `exists_one`, `filter` in one another.
pub const MAX_LOOPS: u32 = 3;
/// Most turns that the loops of one evaluation may take together.
pub const MAX_TURNS: u64 = 100_000;

/// Words that CEL keeps for itself, or that name our functions; no variable may be called so.
pub const RESERVED: &[&str] = &[
    "in",
    "as",
    "break",
    "const",
    "continue",
    "else",
    "false",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "null",
    "return",
    "true",
    "var",
    "void",
    "while",
    "today",
    "answered",
    "years",
    "size",
    "has",
    "int",
    "double",
    "string",
    "bool",
    "bytes",
    "uint",
    "timestamp",
    "duration",
    "dyn",
    "list",
    "map",
    "type",
    "null_type",
    "matches",
    "cel",
    "google",
    "optional",
];

/// Names with these first letters are ours: no text can spell them.
pub(crate) const TODAY: &str = "@today";
pub(crate) const ANSWERED: &str = "@answered";
pub(crate) const YEARS: &str = "zf_years";
/// `matches` with patterns that were compiled with the expression.
pub(crate) const MATCHES: &str = "zf_matches";

const MACROS_OVER_LISTS: &[&str] = &["all", "exists", "exists_one", "filter"];

const FUNCTIONS: &[&str] = &[
    "!_",
    "-_",
    "_+_",
    "_-_",
    "_*_",
    "_/_",
    "_%_",
    "_==_",
    "_!=_",
    "_<_",
    "_<=_",
    "_>_",
    "_>=_",
    "_&&_",
    "_||_",
    "_?_:_",
    "_[_]",
    "@in",
    "has",
    "size",
    "matches",
    "startsWith",
    "endsWith",
    "contains",
    "timestamp",
    "duration",
    "int",
    "double",
    "string",
    "dyn",
    "getFullYear",
    "getMonth",
    "getDate",
    "getDayOfMonth",
    "getDayOfWeek",
    "getHours",
    "getMinutes",
    "today",
    "answered",
    "years",
];

/// An expression that was refused, with a message for its author.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{message}")]
pub struct ExprError {
    /// What is wrong, in Chinese.
    pub message: String,
    /// Line and column, from 1, in characters; `None` when the whole text is meant.
    pub position: Option<(usize, usize)>,
}

impl ExprError {
    pub(crate) fn whole(message: String) -> Self {
        ExprError {
            message,
            position: None,
        }
    }
}

/// A compiled expression. Cheap to clone, evaluated any number of times.
#[derive(Clone, Debug)]
pub struct Expr(pub(crate) Arc<Compiled>);

#[derive(Debug)]
pub(crate) struct Compiled {
    pub text: String,
    pub tree: IdedExpr,
    pub source: SourceInfo,
    pub names: BTreeSet<String>,
    pub uses_answered: bool,
    pub uses_years: bool,
    /// Patterns of `matches` by their portable spelling: making one takes far longer
    /// than asking it.
    pub patterns: BTreeMap<String, Regex>,
    /// How deep loops are nested.
    pub loops: u32,
    /// Elements of the longest list that is written out.
    pub longest: usize,
}

impl Expr {
    /// Compiles one expression of at most [`MAX_TEXT`] characters. Refused:
    /// syntax errors, too large or too deep texts, functions outside of the list.
    pub fn compile(text: &str) -> Result<Expr, ExprError> {
        if text.chars().count() > MAX_TEXT {
            return Err(ExprError::whole(words::too_long(MAX_TEXT)));
        }
        // The parser needs about 130 KiB of stack for each bracket (debug build)
        // and stops itself at 96 of them, which is more than an ordinary thread has.
        std::thread::scope(|threads| {
            std::thread::Builder::new()
                .stack_size(PARSER_STACK)
                .spawn_scoped(threads, || compile_here(text))
                .ok()
                .and_then(|parser| parser.join().ok())
        })
        .unwrap_or_else(|| Err(ExprError::whole(words::too_deep(MAX_DEPTH))))
    }

    /// The text it was compiled from.
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// Texts that it compares a variable with, by `==`, `!=` or `in`: variable, text.
    /// Variables that a loop binds are among them.
    pub fn compared(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        compared(&self.0.tree, &mut found);
        found
    }

    /// The variables it reads, those inside `answered(…)` included.
    pub fn names(&self) -> &BTreeSet<String> {
        &self.0.names
    }
}

fn compared(e: &IdedExpr, found: &mut Vec<(String, String)>) {
    match &e.expr {
        Node::Call(call) => {
            if let ("_==_" | "_!=_" | "@in", [a, b]) = (call.func_name.as_str(), &call.args[..]) {
                pairs(a, b, found);
                pairs(b, a, found);
            }
            for part in call.target.iter().map(|t| &**t).chain(&call.args) {
                compared(part, found);
            }
        }
        Node::Comprehension(c) => {
            for part in [&c.iter_range, &c.loop_step] {
                compared(part, found);
            }
        }
        _ => {}
    }
}

fn pairs(name: &IdedExpr, texts: &IdedExpr, found: &mut Vec<(String, String)>) {
    let Node::Ident(name) = &name.expr else {
        return;
    };
    let texts = match &texts.expr {
        Node::List(list) => &list.elements[..],
        _ => std::slice::from_ref(texts),
    };
    found.extend(
        texts
            .iter()
            .filter_map(|t| Some((name.clone(), text_of(t)?))),
    );
}

/// Bytes of stack for the parser; address space, not memory.
const PARSER_STACK: usize = 64 << 20;

fn compile_here(text: &str) -> Result<Expr, ExprError> {
    let (raw, raw_source) = PLAIN
        .parser()
        .parse_with_source_info(text)
        .map_err(|e| syntax_error(&e))?;
    let mut survey = Survey::new(text, &raw_source);
    survey.visit(&raw, 1, &mut Vec::new())?;
    let (tree, source) = FULL
        .parser()
        .parse_with_source_info(text)
        .map_err(|e| syntax_error(&e))?;
    Ok(Expr(Arc::new(Compiled {
        text: text.to_owned(),
        tree,
        source,
        names: survey.names,
        uses_answered: survey.uses_answered,
        uses_years: survey.uses_years,
        patterns: survey.patterns,
        loops: survey.loops,
        longest: survey.longest,
    })))
}

/// Standard functions without macros: the tree as the author wrote it.
static PLAIN: LazyLock<CelEnv> =
    LazyLock::new(|| CelEnv::default().with_optional_support(false).with_stdlib());

/// Standard functions and macros plus ours.
pub(crate) static FULL: LazyLock<Arc<CelEnv>> = LazyLock::new(|| {
    let mut env = CelEnv::stdlib().with_optional_support(false);
    for ours in [
        today_macro(),
        answered_macro(),
        years_macro(),
        matches_macro(),
    ] {
        // Cannot fail: the standard library has no macros of these names.
        let added = env.add_macro(ours);
        debug_assert!(added.is_ok());
    }
    Arc::new(env)
});

/// `today()` reads a variable, so that a loop does not call out.
fn today_macro() -> Macro {
    Macro::global("today", 0, |helper, _, _| {
        Ok(Some(helper.next_expr(Node::Ident(TODAY.to_owned()))))
    })
}

/// `answered(x)` must not read `x`, which may be absent: it asks a list of names.
fn answered_macro() -> Macro {
    Macro::global("answered", 1, |helper, _, args| {
        let field = match args.first().map(|a| &a.expr) {
            Some(Node::Ident(name)) => name.clone(),
            Some(Node::Select(s)) if !s.test => {
                let tested = SelectExpr {
                    test: true,
                    ..s.clone()
                };
                return Ok(Some(helper.next_expr(Node::Select(tested))));
            }
            _ => return Ok(None),
        };
        let operand = helper.next_expr(Node::Ident(ANSWERED.to_owned()));
        Ok(Some(helper.next_expr(Node::Select(SelectExpr {
            operand: Box::new(operand),
            field,
            test: true,
        }))))
    })
}

/// `years(d)` needs today as well.
fn years_macro() -> Macro {
    Macro::global("years", 1, |helper, _, args| {
        let today = helper.next_expr(Node::Ident(TODAY.to_owned()));
        let call = CallExpr {
            func_name: YEARS.to_owned(),
            target: None,
            args: args.drain(..).chain([today]).collect(),
        };
        Ok(Some(helper.next_expr(Node::Call(call))))
    })
}

/// `x.matches('…')` with the pattern in the spelling that both engines share.
fn matches_macro() -> Macro {
    Macro::receiver("matches", 1, |helper, target, args| {
        let Some(pattern) = args.first().and_then(text_of).and_then(|p| portable(&p)) else {
            return Ok(None);
        };
        let Some(text) = target.take() else {
            return Ok(None);
        };
        let pattern = helper.next_expr(Node::Literal(LiteralValue::String(pattern.into())));
        let call = CallExpr {
            func_name: MATCHES.to_owned(),
            target: None,
            args: vec![text, pattern],
        };
        Ok(Some(helper.next_expr(Node::Call(call))))
    })
}

fn text_of(e: &IdedExpr) -> Option<String> {
    match &e.expr {
        Node::Literal(LiteralValue::String(text)) => Some(text.inner().to_owned()),
        _ => None,
    }
}

fn syntax_error(errors: &ParseErrors) -> ExprError {
    let Some(first) = errors.errors.first() else {
        return ExprError::whole(words::syntax(""));
    };
    let at = |n: isize| usize::try_from(n).unwrap_or(0).max(1);
    ExprError {
        message: words::syntax(first.msg.lines().next().unwrap_or("")),
        position: Some((at(first.pos.0), at(first.pos.1))),
    }
}

/// Line and column of a node, from 1.
pub(crate) fn position(text: &str, source: &SourceInfo, id: u64) -> Option<(usize, usize)> {
    let (start, _) = source.offset_for(id)?;
    let before: Vec<char> = text.chars().take(start as usize).collect();
    let line = before.iter().filter(|c| **c == '\n').count() + 1;
    let column = before.iter().rev().take_while(|c| **c != '\n').count() + 1;
    Some((line, column))
}

/// One walk over the tree as written: counts, refuses, collects names.
struct Survey<'a> {
    text: &'a str,
    source: &'a SourceInfo,
    nodes: usize,
    names: BTreeSet<String>,
    uses_answered: bool,
    uses_years: bool,
    patterns: BTreeMap<String, Regex>,
    loops: u32,
    longest: usize,
    inside: u32,
}

impl<'a> Survey<'a> {
    fn new(text: &'a str, source: &'a SourceInfo) -> Self {
        Survey {
            text,
            source,
            nodes: 0,
            names: BTreeSet::new(),
            uses_answered: false,
            uses_years: false,
            patterns: BTreeMap::new(),
            loops: 0,
            longest: 0,
            inside: 0,
        }
    }

    fn refuse<T>(&self, id: u64, message: String) -> Result<T, ExprError> {
        Err(ExprError {
            message,
            position: position(self.text, self.source, id),
        })
    }

    fn visit(
        &mut self,
        e: &IdedExpr,
        depth: usize,
        bound: &mut Vec<String>,
    ) -> Result<(), ExprError> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(ExprError::whole(words::too_big(MAX_NODES)));
        }
        if depth > MAX_DEPTH {
            return Err(ExprError::whole(words::too_deep(MAX_DEPTH)));
        }
        match &e.expr {
            Node::Ident(name) => {
                if !bound.contains(name) {
                    self.names.insert(name.clone());
                }
                Ok(())
            }
            Node::Select(s) => self.visit(&s.operand, depth + 1, bound),
            Node::List(l) => {
                self.longest = self.longest.max(l.elements.len());
                l.elements
                    .iter()
                    .try_for_each(|x| self.visit(x, depth + 1, bound))
            }
            Node::Map(m) => m.entries.iter().try_for_each(|entry| match &entry.expr {
                EntryExpr::MapEntry(kv) => {
                    self.visit(&kv.key, depth + 1, bound)?;
                    self.visit(&kv.value, depth + 1, bound)
                }
                EntryExpr::StructField(f) => self.visit(&f.value, depth + 1, bound),
            }),
            Node::Call(call) => self.call(e.id, call, depth, bound),
            Node::Literal(_) => Ok(()),
            Node::Unspecified | Node::Comprehension(_) | Node::Struct(_) => {
                self.refuse(e.id, words::struct_not_allowed())
            }
        }
    }

    fn call(
        &mut self,
        id: u64,
        call: &CallExpr,
        depth: usize,
        bound: &mut Vec<String>,
    ) -> Result<(), ExprError> {
        let name = call.func_name.as_str();
        if let Some(target) = &call.target {
            self.visit(target, depth + 1, bound)?;
        }
        if MACROS_OVER_LISTS.contains(&name) && call.target.is_some() && call.args.len() == 2 {
            let Node::Ident(item) = &call.args[0].expr else {
                return self.refuse(id, words::function_not_allowed(name));
            };
            self.inside += 1;
            self.loops = self.loops.max(self.inside);
            if self.loops > MAX_LOOPS {
                return self.refuse(id, words::too_many_loops(MAX_LOOPS));
            }
            bound.push(item.clone());
            let inner = self.visit(&call.args[1], depth + 1, bound);
            bound.pop();
            self.inside -= 1;
            return inner;
        }
        if !FUNCTIONS.contains(&name) {
            return self.refuse(id, words::function_not_allowed(name));
        }
        let ours = matches!(name, "today" | "answered" | "years");
        let arguments = usize::from(name != "today");
        if ours && (call.target.is_some() || call.args.len() != arguments) {
            return self.refuse(id, words::function_not_allowed(name));
        }
        if name == "answered" && !matches!(call.args[0].expr, Node::Ident(_) | Node::Select(_)) {
            return self.refuse(id, words::answered_takes_a_name());
        }
        if name == "matches" {
            self.pattern(id, call)?;
        }
        self.uses_answered |= name == "answered";
        self.uses_years |= name == "years";
        call.args
            .iter()
            .try_for_each(|a| self.visit(a, depth + 1, bound))
    }

    fn pattern(&mut self, id: u64, call: &CallExpr) -> Result<(), ExprError> {
        if call.target.is_none() || call.args.len() != 1 {
            return self.refuse(id, words::function_not_allowed("matches"));
        }
        let Some(pattern) = text_of(&call.args[0]) else {
            return self.refuse(id, words::pattern_is_written_out());
        };
        let made = portable(&pattern).and_then(|p| Some((Regex::new(&p).ok()?, p)));
        let Some((regex, pattern)) = made else {
            return self.refuse(id, words::pattern_not_allowed());
        };
        self.patterns.insert(pattern, regex);
        Ok(())
    }
}
