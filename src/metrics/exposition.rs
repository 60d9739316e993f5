//! The two texts that scrapers read: OpenMetrics, and the older format of Prometheus, which counters, infos and the end
//! are written differently in. It must not know what is counted.

/// How metrics are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exposition {
    /// OpenMetrics, with its end marked.
    OpenMetrics,
    /// Prometheus text format 0.0.4, which everything reads.
    Prometheus,
}

impl Exposition {
    /// What an `Accept` header asks for: OpenMetrics where it is named, and not less wanted than plain text.
    pub fn accepted(accept: &str) -> Self {
        let (mut open, mut plain) = (0.0, 0.0);
        for range in accept.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let kind = parts.next().unwrap_or("").to_ascii_lowercase();
            let quality = parts.find_map(|part| part.strip_prefix("q=")?.parse().ok()).unwrap_or(1.0_f32);
            match kind.as_str() {
                "application/openmetrics-text" => open = quality.max(open),
                "text/plain" => plain = quality.max(plain),
                _ => {}
            }
        }
        if open > 0.0 && open >= plain { Self::OpenMetrics } else { Self::Prometheus }
    }

    /// Its media type.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
        }
    }

    pub(super) fn written(self, text: String) -> String {
        match self {
            Self::OpenMetrics => text,
            Self::Prometheus => prometheus(&text),
        }
    }
}

/// OpenMetrics names a counter without its `_total` and an info without its `_info` in the lines that describe it.
fn prometheus(open_metrics: &str) -> String {
    let mut text = String::with_capacity(open_metrics.len());
    let mut help = None;
    for line in open_metrics.lines() {
        if let Some(described) = line.strip_prefix("# HELP ") {
            help = described.split_once(' ');
        } else if let Some((name, kind)) =
            line.strip_prefix("# TYPE ").and_then(|typed| typed.split_once(' '))
        {
            let (suffix, kind) = match kind {
                "counter" => ("_total", kind),
                "info" => ("_info", "gauge"),
                "unknown" => ("", "untyped"),
                _ => ("", kind),
            };
            let help = help.take().filter(|(described, _)| *described == name).map_or("", |(_, help)| help);
            text.push_str(&format!("# HELP {name}{suffix} {help}\n# TYPE {name}{suffix} {kind}\n"));
        } else if !line.starts_with('#') {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Metrics;
    use std::collections::HashMap;

    #[test]
    fn openmetrics_is_written_to_whom_names_it() {
        let prometheus_3 = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
            text/plain;version=1.0.0;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
        assert_eq!(Exposition::accepted(prometheus_3), Exposition::OpenMetrics);
        assert_eq!(Exposition::accepted("application/openmetrics-text"), Exposition::OpenMetrics);
        for other in [
            "",
            "*/*",
            "text/plain",
            "text/html,*/*;q=0.8",
            "application/openmetrics-text;q=0",
            "application/json",
        ] {
            assert_eq!(Exposition::accepted(other), Exposition::Prometheus, "{other}");
        }
        let rather_plain = "application/openmetrics-text;q=0.2, text/plain;q=0.9";
        assert_eq!(Exposition::accepted(rather_plain), Exposition::Prometheus);
    }

    #[test]
    fn every_sample_is_described_by_its_own_name() {
        let metrics = Metrics::new();
        metrics.limit_hits.of("BODY_BYTES").inc();
        metrics.journal_commit_seconds.observe(0.1);
        let text = metrics.encode(Exposition::Prometheus);
        let described = |kind: &str| -> HashMap<String, String> {
            let lines = text.lines().filter_map(|line| line.strip_prefix(kind)?.split_once(' '));
            lines.map(|(name, rest)| (name.to_owned(), rest.to_owned())).collect()
        };
        let (helps, types) = (described("# HELP "), described("# TYPE "));
        assert!(types.len() > 15, "{text}");
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let name = line.split(['{', ' ']).next().unwrap();
            let family = ["_bucket", "_sum", "_count"].iter().find_map(|suffix| {
                name.strip_suffix(suffix)
                    .filter(|name| types.get(*name).is_some_and(|kind| kind == "histogram"))
            });
            let family = family.unwrap_or(name);
            assert!(helps.get(family).is_some_and(|help| !help.is_empty()), "no help for {line}");
            assert!(types.contains_key(family), "no type for {line}");
        }
        assert_eq!(types["livehouse_limit_hits_total"], "counter");
        assert_eq!(types["livehouse_build_info"], "gauge");
        assert!(!text.contains("# EOF") && !text.contains("# UNIT"), "{text}");
    }
}
