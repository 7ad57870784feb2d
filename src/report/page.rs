//! What both pages share: the template engine with its filters, the head with its security policy, and the style sheet.

use std::io;

use minijinja::value::{Serde, Value};
use minijinja::{Environment, ErrorKind};
use serde::Serialize;

/// Renders a template of `src/report/` with values, everything escaped that is not marked safe.
pub(super) fn render(name: &str, template: &str, values: impl Serialize) -> io::Result<String> {
    let mut environment = Environment::new();
    environment.add_filter("rate", |value: Value| number(&value, 3));
    environment.add_filter("signed", |value: f64| format!("{value:+.2}"));
    environment.add_filter("percent", percent);
    environment.add_template("head.html", include_str!("head.html")).map_err(io::Error::other)?;
    environment.add_template("style.css", include_str!("style.css")).map_err(io::Error::other)?;
    environment.add_template(name, template).map_err(io::Error::other)?;
    environment.get_template(name).and_then(|template| template.render(Value::from(Serde(&values)))).map_err(io::Error::other)
}

/// A probability in percent that never claims to be certain.
fn percent(value: f64) -> String {
    match 100.0 * value {
        percent if percent >= 99.5 => ">99 %".to_owned(),
        percent if percent < 0.5 => "<1 %".to_owned(),
        percent => format!("{percent:.0} %"),
    }
}

/// A figure, or a dash where it is undefined.
fn number(value: &Value, places: usize) -> Result<String, minijinja::Error> {
    if value.is_none() || value.is_undefined() {
        return Ok("–".to_owned());
    }
    let value =
        f64::try_from(value.clone()).map_err(|error| minijinja::Error::new(ErrorKind::InvalidOperation, error.to_string()))?;
    Ok(format!("{value:.places$}"))
}
