//! The query language of `q` and `fq` as clients of CKAN write it (Solr's standard parser): read here, understood in
//! [`super::question`].
//!
//! `field:value`, `field:"a phrase"`, `field:(a OR b)`, `field:[from TO to]` (`{…}` for open ends), `*` at the end of a value,
//! `AND`, `OR`, `NOT`, `&&`, `||`, `!`, `+`, `-`, brackets. Conditions side by side must all hold (CKAN sets `q.op=AND`).

/// Conditions of one query at most, nested ones counted.
const MAX_CLAUSES: usize = 200;
/// Brackets within brackets at most.
const MAX_DEPTH: usize = 16;

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Clause {
    /// All of these.
    All(Vec<Clause>),
    /// One of these.
    Any(Vec<Clause>),
    /// Not this.
    Not(Box<Clause>),
    /// A field's value; the field is `None` for bare words.
    Field(Option<String>, Value),
}

/// What a field is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// A word, or a phrase as one text.
    Text {
        /// The text, without quotes and escapes.
        text: String,
        /// Whether it stood in quotes.
        quoted: bool,
    },
    /// A beginning: `wat*`.
    Begins(String),
    /// Any value: `*`.
    Any,
    /// From one value to another; `None` is open.
    Range {
        /// The lower end and whether it is included.
        from: Option<(String, bool)>,
        /// The upper end and whether it is included.
        to: Option<(String, bool)>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    And,
    Or,
    Not,
    Plus,
    Minus,
    /// A name before a colon.
    Name(String),
    Value(Value),
}

/// Reads a query; the error is a sentence.
pub(super) fn parse(text: &str) -> Result<Clause, String> {
    let tokens = tokens(text)?;
    let mut reader = Reader { tokens, at: 0, clauses: 0 };
    let clause = reader.any(None, 0)?;
    match reader.peek() {
        None => Ok(clause),
        Some(_) => Err("a closing bracket without an opening one".to_owned()),
    }
}

/// Splits a text into tokens.
fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let after = rest.get(first.len_utf8()..).unwrap_or_default();
        let next = match first {
            '(' => Some(Token::Open),
            ')' => Some(Token::Close),
            '+' => Some(Token::Plus),
            '-' => Some(Token::Minus),
            '!' => Some(Token::Not),
            _ => None,
        };
        if let Some(token) = next {
            found.push(token);
            rest = after;
        } else if let Some(doubled) = rest.strip_prefix("&&") {
            found.push(Token::And);
            rest = doubled;
        } else if let Some(doubled) = rest.strip_prefix("||") {
            found.push(Token::Or);
            rest = doubled;
        } else if first == '"' {
            let (phrase, left) = quoted(after)?;
            found.push(Token::Value(Value::Text { text: phrase, quoted: true }));
            rest = suffix(left);
        } else if first == '[' || first == '{' {
            let (range, left) = range(after, first == '[')?;
            found.push(Token::Value(range));
            rest = left;
        } else {
            let (token, left) = word(rest)?;
            found.push(token);
            rest = left;
        }
        rest = rest.trim_start();
    }
    Ok(found)
}

/// Passes over a boost or a slop, which say nothing about what matches: `^2`, `~3`.
fn suffix(rest: &str) -> &str {
    match rest.strip_prefix(['^', '~']) {
        Some(after) => after.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.'),
        None => rest,
    }
}

/// A phrase up to its closing quote.
fn quoted(text: &str) -> Result<(String, &str), String> {
    let (mut phrase, mut escaped) = (String::new(), false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => {
                phrase.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => return Ok((phrase, text.get(at + 1..).unwrap_or_default())),
            _ => phrase.push(c),
        }
    }
    Err("a quote is not closed".to_owned())
}

/// `from TO to]`, after the opening bracket.
fn range(text: &str, from_included: bool) -> Result<(Value, &str), String> {
    let end = text.find([']', '}']).ok_or_else(|| "a range is not closed".to_owned())?;
    let (inner, rest) = text.split_at(end);
    let to_included = rest.starts_with(']');
    let words: Vec<&str> = inner.split_whitespace().collect();
    let [from, "TO", to] = words.as_slice() else {
        return Err(format!("`{}` is no range: [from TO to]", short(inner)));
    };
    let bound = |text: &str, included| {
        let text = text.trim_matches('"');
        (text != "*").then(|| (text.replace('\\', ""), included))
    };
    let value = Value::Range { from: bound(from, from_included), to: bound(to, to_included) };
    Ok((value, rest.get(1..).unwrap_or_default()))
}

/// A word, an operator, or a field's name with its colon.
fn word(text: &str) -> Result<(Token, &str), String> {
    let (mut word, mut escaped, mut literal) = (String::new(), false, false);
    let mut end = text.len();
    for (at, c) in text.char_indices() {
        if escaped {
            word.push(c);
            escaped = false;
            continue;
        }
        match c {
            '\\' => (escaped, literal) = (true, true),
            ':' if is_name(&word) && !literal => {
                let rest = text.get(at + 1..).unwrap_or_default();
                // A colon that ends the text, or stands before a space, is no field's; neither is that of an address.
                if !rest.is_empty() && !rest.starts_with(char::is_whitespace) && !rest.starts_with("//") {
                    return Ok((Token::Name(word), rest));
                }
                word.push(c);
            }
            '"' if !word.is_empty() => word.push(c),
            _ if c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']' | '{' | '}' | '^' | '~') => {
                end = at;
                break;
            }
            _ => word.push(c),
        }
    }
    let rest = suffix(text.get(end..).unwrap_or_default());
    if end == 0 {
        return Err(format!("`{}` was not expected", short(text)));
    }
    let token = match word.as_str() {
        "AND" if !literal => Token::And,
        "OR" if !literal => Token::Or,
        "NOT" if !literal => Token::Not,
        "*" if !literal => Token::Value(Value::Any),
        _ => match word.strip_suffix('*').filter(|stem| !literal && !stem.is_empty()) {
            Some(stem) => Token::Value(Value::Begins(stem.to_owned())),
            None => Token::Value(Value::Text { text: word, quoted: false }),
        },
    };
    Ok((token, rest))
}

fn is_name(word: &str) -> bool {
    word == "*"
        || word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

struct Reader {
    tokens: Vec<Token>,
    at: usize,
    clauses: usize,
}

impl Reader {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn take(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    /// `a OR b`; `field` is what bare values belong to.
    fn any(&mut self, field: Option<&str>, depth: usize) -> Result<Clause, String> {
        if depth > MAX_DEPTH {
            return Err(format!("more than {MAX_DEPTH} brackets within each other"));
        }
        let mut parts = vec![self.all(field, depth)?];
        while self.peek() == Some(&Token::Or) {
            self.at += 1;
            parts.push(self.all(field, depth)?);
        }
        Ok(one_or(parts, Clause::Any))
    }

    /// `a AND b`, or `a b`.
    fn all(&mut self, field: Option<&str>, depth: usize) -> Result<Clause, String> {
        let mut parts = Vec::new();
        loop {
            match self.peek() {
                None | Some(Token::Or | Token::Close) => break,
                Some(Token::And) => self.at += 1,
                Some(_) => parts.push(self.one(field, depth)?),
            }
        }
        if parts.is_empty() {
            return Err("a condition is missing".to_owned());
        }
        Ok(one_or(parts, Clause::All))
    }

    fn one(&mut self, field: Option<&str>, depth: usize) -> Result<Clause, String> {
        self.clauses += 1;
        if self.clauses > MAX_CLAUSES {
            return Err(format!("more than {MAX_CLAUSES} conditions"));
        }
        match self.take() {
            Some(Token::Plus) => self.one(field, depth),
            Some(Token::Minus | Token::Not) => {
                if depth > MAX_DEPTH {
                    return Err(format!("more than {MAX_DEPTH} negations within each other"));
                }
                Ok(Clause::Not(Box::new(self.one(field, depth + 1)?)))
            }
            Some(Token::Open) => {
                let inner = self.any(field, depth + 1)?;
                match self.take() {
                    Some(Token::Close) => Ok(inner),
                    _ => Err("a bracket is not closed".to_owned()),
                }
            }
            Some(Token::Name(name)) if name == "*" => match self.take() {
                Some(Token::Value(Value::Any)) => Ok(Clause::All(Vec::new())),
                _ => Err("`*` is followed by something else than `:*`".to_owned()),
            },
            Some(Token::Name(name)) => match self.peek() {
                Some(Token::Value(_)) => self.one(Some(&name), depth),
                Some(Token::Open) => self.one(Some(&name), depth),
                Some(Token::Minus) => self.one(Some(&name), depth),
                _ => Err(format!("`{}:` has no value", short(&name))),
            },
            Some(Token::Value(value)) => Ok(Clause::Field(field.map(str::to_owned), value)),
            _ => Err("a condition is missing".to_owned()),
        }
    }
}

fn one_or(mut parts: Vec<Clause>, join: fn(Vec<Clause>) -> Clause) -> Clause {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            join(parts)
        }
        None => join(parts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(clause: &Clause) -> String {
        let join = |parts: &[Clause], word: &str| {
            format!("({})", parts.iter().map(shown).collect::<Vec<_>>().join(&format!(" {word} ")))
        };
        match clause {
            Clause::All(parts) => join(parts, "and"),
            Clause::Any(parts) => join(parts, "or"),
            Clause::Not(part) => format!("not {}", shown(part)),
            Clause::Field(field, value) => {
                let value = match value {
                    Value::Text { text, quoted: true } => format!("'{text}'"),
                    Value::Text { text, quoted: false } => text.clone(),
                    Value::Begins(stem) => format!("{stem}…"),
                    Value::Any => "any".to_owned(),
                    Value::Range { from, to } => {
                        let end = |end: &Option<(String, bool)>| {
                            end.as_ref()
                                .map_or("-".to_owned(), |(text, is)| format!("{text}{}", if *is { "=" } else { "" }))
                        };
                        format!("{}..{}", end(from), end(to))
                    }
                };
                field.as_ref().map_or_else(|| value.clone(), |field| format!("{field}={value}"))
            }
        }
    }

    #[test]
    fn queries_are_read_as_clients_write_them() {
        for (text, meaning) in [
            ("*:*", "()"),
            ("air quality", "(air and quality)"),
            ("organization:city-of-arden", "organization=city-of-arden"),
            ("+organization:a -tags:\"air quality\"", "(organization=a and not tags='air quality')"),
            ("organization:(a OR b) AND res_format:CSV", "((organization=a or organization=b) and res_format=CSV)"),
            ("tags:a tags:b OR tags:c", "((tags=a and tags=b) or tags=c)"),
            ("NOT (tags:a && tags:b)", "not (tags=a and tags=b)"),
            ("!tags:a || tags:b", "(not tags=a or tags=b)"),
            ("metadata_modified:[2024-01-01T00:00:00Z TO *]", "metadata_modified=2024-01-01T00:00:00Z=..-"),
            (
                "metadata_modified:{2024-01-01T00:00:00.5Z TO NOW-1DAY]",
                "metadata_modified=2024-01-01T00:00:00.5Z..NOW-1DAY=",
            ),
            ("metadata_modified:[\"2024-01-01T00:00:00Z\" TO NOW]", "metadata_modified=2024-01-01T00:00:00Z=..NOW="),
            ("title:wat*", "title=wat…"),
            ("groups:*", "groups=any"),
            ("title:water^4 \"a b\"~2", "(title=water and 'a b')"),
            ("name:a\\:b", "name=a:b"),
            ("id:(\"6f1e\" OR 6f2e)", "(id='6f1e' or id=6f2e)"),
            ("see https://x.example/a", "(see and https://x.example/a)"),
            ("ratio 3:", "(ratio and 3:)"),
            ("organization:a+b", "organization=a+b"),
            ("extras_theme:\"x \\\" y\"", "extras_theme='x \" y'"),
        ] {
            assert_eq!(parse(text).map(|clause| shown(&clause)).as_deref(), Ok(meaning), "{text}");
        }
    }

    #[test]
    fn what_is_no_query_is_refused_in_a_sentence() {
        let deep = "(".repeat(MAX_DEPTH + 2);
        let negated = "-".repeat(MAX_CLAUSES * 2) + "a";
        let many = "a ".repeat(MAX_CLAUSES + 1);
        for text in
            ["", "  ", "(a", "a)", "a OR", "\"a", "[1 TO", "m:[1 2]", "OR", "*:a", "}", deep.as_str(), &negated, &many]
        {
            assert!(parse(text).is_err_and(|why| !why.is_empty()), "{text}");
        }
    }
}
