//! Line plots as inline SVG. It must not know what the lines mean.

use std::fmt::Write;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 240.0;
const LEFT: f64 = 64.0;
const BOTTOM: f64 = 32.0;
const TOP: f64 = 12.0;
const RIGHT: f64 = 12.0;
const RULES: usize = 4;

/// One line of a plot.
pub(crate) struct Line<'a> {
    pub name: &'a str,
    pub points: Vec<(f64, f64)>,
}

/// A plot with its axes.
pub(crate) struct Plot<'a> {
    pub title: &'a str,
    pub x_name: &'a str,
    pub y_name: &'a str,
    /// Whether x grows by factors.
    pub x_log: bool,
    pub lines: Vec<Line<'a>>,
}

impl Plot<'_> {
    /// The plot as a `figure`; nothing where there is nothing to show.
    pub(crate) fn draw(&self) -> String {
        let points = || self.lines.iter().flat_map(|line| &line.points).filter(|point| point.1.is_finite());
        if points().count() < 2 {
            return String::new();
        }
        let scale = |x: f64| if self.x_log { x.max(1.0).log10() } else { x };
        let low = points().map(|point| scale(point.0)).fold(f64::INFINITY, f64::min);
        let high = points().map(|point| scale(point.0)).fold(f64::NEG_INFINITY, f64::max);
        let top = nice(points().map(|point| point.1).fold(0.0, f64::max));
        let x = |value: f64| LEFT + (scale(value) - low) / (high - low).max(1e-9) * (WIDTH - LEFT - RIGHT);
        let y = |value: f64| HEIGHT - BOTTOM - value / top * (HEIGHT - BOTTOM - TOP);
        let mut svg = format!(
            "<figure><figcaption>{}{}</figcaption>\n<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">\n",
            escape(self.title),
            self.legend(),
            escape(self.title)
        );
        for step in 0..=RULES {
            let value = top * step as f64 / RULES as f64;
            let at = y(value);
            let _ = writeln!(
                svg,
                "<path class=\"rule\" d=\"M{LEFT} {at:.1}H{}\"/><text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                WIDTH - RIGHT,
                LEFT - 6.0,
                at + 4.0,
                short(value)
            );
        }
        for step in 0..=RULES {
            let scaled = low + (high - low) * step as f64 / RULES as f64;
            let value = if self.x_log { 10f64.powf(scaled) } else { scaled };
            let anchor = ["start", "middle", "middle", "middle", "end"][step];
            let _ = writeln!(
                svg,
                "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"{anchor}\">{}</text>",
                x(value),
                HEIGHT - 14.0,
                self.x_label(value)
            );
        }
        for (index, line) in self.lines.iter().enumerate() {
            let runs = line.points.split(|point| !point.1.is_finite()).filter(|run| !run.is_empty());
            let path: String = runs.map(|run| stroke(run, x, y)).collect();
            if !path.is_empty() {
                let _ = writeln!(svg, "<path class=\"line l{index}\" d=\"{path}\"/>");
            }
        }
        svg + &format!(
            "<text x=\"4\" y=\"{}\" class=\"unit\">{}</text></svg></figure>\n",
            TOP + 2.0,
            escape(self.y_name)
        )
    }

    fn legend(&self) -> String {
        if self.lines.len() < 2 {
            return String::new();
        }
        let name = |(index, line): (usize, &Line<'_>)| {
            format!(" <span class=\"k{index}\">{}</span>", escape(line.name))
        };
        self.lines.iter().enumerate().map(name).collect()
    }

    fn x_label(&self, value: f64) -> String {
        if self.x_log {
            format!("{} {}", tail(value), self.x_name)
        } else {
            format!("{} {}", short(value), self.x_name)
        }
    }
}

/// A line through points that follow each other, a dot where there is but one.
fn stroke(run: &[(f64, f64)], x: impl Fn(f64) -> f64, y: impl Fn(f64) -> f64) -> String {
    let at: Vec<_> = run.iter().map(|point| format!("{:.1} {:.1}", x(point.0), y(point.1))).collect();
    format!("M{}{}", at.join("L"), if run.len() == 1 { "h.1" } else { "" })
}

/// `1 / (1 - quantile)` as the percentile it stands for.
fn tail(value: f64) -> String {
    let percent = 100.0 * (1.0 - 1.0 / value.max(1.0));
    let digits = if percent < 99.0 { 0 } else { value.log10().round().max(2.0) as usize - 1 };
    format!("{percent:.digits$}")
}

/// The next round number that is not below `value`.
fn nice(value: f64) -> f64 {
    if value <= 0.0 {
        return 1.0;
    }
    let power = 10f64.powf(value.log10().floor());
    let steps = [1.0, 2.0, 4.0, 5.0, 8.0, 10.0];
    steps.into_iter().map(|step| step * power).find(|&round| round >= value).unwrap_or(10.0 * power)
}

fn short(value: f64) -> String {
    match value {
        v if v >= 1e6 => format!("{} M", trimmed(v / 1e6)),
        v if v >= 1e4 => format!("{} k", trimmed(v / 1e3)),
        v => trimmed(v),
    }
}

fn trimmed(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Text that may stand in HTML.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plot_stays_within_its_frame_and_escapes_its_words() {
        let points = vec![(0.0, 0.0), (5.0, 17.0), (10.0, f64::NAN), (20.0, 3.0)];
        let lines = vec![Line { name: "a<b", points }];
        let svg = Plot { title: "A & B", x_name: "s", y_name: "ms", x_log: false, lines }.draw();
        assert!(svg.contains("A &amp; B") && !svg.contains("NaN"), "{svg}");
        assert!(svg.contains("d=\"M64.0 208.0L"), "{svg}");
        assert!(svg.contains("M708.0 ") && svg.contains("h.1\""), "where nothing is known is a gap: {svg}");
    }

    #[test]
    fn nothing_to_show_is_no_plot() {
        assert_eq!(Plot { title: "t", x_name: "s", y_name: "ms", x_log: false, lines: vec![] }.draw(), "");
    }

    #[test]
    fn axes_end_at_round_numbers_and_tails_read_as_percentiles() {
        assert_eq!((nice(0.0), nice(3.1), nice(99.0), nice(1234.0)), (1.0, 4.0, 100.0, 2000.0));
        assert_eq!(
            (tail(1.0), tail(10.0), tail(100.0), tail(1000.0)),
            ("0".into(), "90".into(), "99.0".into(), "99.90".into())
        );
        assert_eq!((short(12_500.0), short(2.0)), ("12.5 k".into(), "2".into()));
    }
}
