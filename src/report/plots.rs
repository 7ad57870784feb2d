//! Plots as SVG that takes its colours from the page around it, so that it follows the reader's light or dark.

use std::ops::Range;

use plotters::coord::Shift;
use plotters::prelude::*;

use crate::figures::LabelFigures;
use crate::learning_curve::CurvePoint;
use crate::metrics::PROBABILITY_CLASSES;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), DrawingAreaErrorKind<std::io::Error>>;

/// Stand-ins that [`svg`] turns into the page's colours.
const INK: RGBColor = RGBColor(1, 1, 1);
const GRID: RGBColor = RGBColor(2, 2, 2);
const LINE: RGBColor = RGBColor(3, 3, 3);
const MARK: RGBColor = RGBColor(4, 4, 4);
const PAGE_COLOURS: [(&str, &str); 4] =
    [("#010101", "currentColor"), ("#020202", "var(--grid)"), ("#030303", "var(--line)"), ("#040404", "var(--mark)")];

const SIZE: (u32, u32) = (320, 260);

/// Precision by recall, with the point of the threshold marked.
pub(super) fn precision_recall(label: &LabelFigures) -> String {
    svg(|area| {
        let mut chart = axes(area, &Axis::unit("recall"), &Axis::unit("precision"), true)?;
        let curve = label.precision_recall.iter().map(|step| (step.recall, step.precision));
        chart.draw_series(LineSeries::new(curve, LINE.stroke_width(2)))?;
        if let (Some(recall), Some(precision)) = (label.rates.recall, label.rates.precision) {
            chart.draw_series([Circle::new((recall, precision), 5, MARK.filled())])?;
        }
        Ok(())
    })
}

/// Share of units with the label by mean probability, beside the diagonal of perfect calibration.
pub(super) fn reliability(label: &LabelFigures) -> String {
    svg(|area| {
        let mut chart = axes(area, &Axis::unit("probability"), &Axis::unit("share with the label"), true)?;
        chart.draw_series(LineSeries::new([(0.0, 0.0), (1.0, 1.0)], GRID.stroke_width(2)))?;
        let points: Vec<(f64, f64)> = label
            .reliability
            .iter()
            .filter_map(|class| class.mean.map(|mean| (mean, class.gold as f64 / class.units as f64)))
            .collect();
        chart.draw_series(LineSeries::new(points.iter().copied(), LINE.stroke_width(2)))?;
        chart.draw_series(points.into_iter().map(|point| Circle::new(point, 4, LINE.filled())))?;
        Ok(())
    })
}

/// Units by probability on a logarithmic scale: pale those without the label, full those with it.
pub(super) fn histogram(label: &LabelFigures) -> String {
    let most = label.reliability.iter().map(|class| class.units).max().unwrap_or(0);
    let height = |units: usize| (units as f64 + 1.0).log10();
    svg(|area| {
        let y = Axis {
            name: "units",
            range: 0.0..height(most).max(1.0),
            labels: 5,
            write: &|log| format!("{:.0}", 10_f64.powf(*log) - 1.0),
        };
        let mut chart = axes(area, &Axis::unit("probability"), &y, false)?;
        let width = 1.0 / PROBABILITY_CLASSES as f64;
        let left = |class: usize| class as f64 * width;
        for (class, units) in label.reliability.iter().enumerate() {
            let (without, gold) = (units.units - units.gold, units.gold);
            let bar = |units: usize, from: f64, to: f64| [(from, 0.0), (to, height(units))];
            let middle = left(class) + width / 2.0;
            chart.draw_series([
                Rectangle::new(bar(without, left(class) + 0.1 * width, middle), GRID.filled()),
                Rectangle::new(bar(gold, middle, left(class) + 0.9 * width), LINE.filled()),
            ])?;
        }
        Ok(())
    })
}

/// Macro F1 by training rows, with intervals.
pub(super) fn learning_curve(points: &[CurvePoint]) -> String {
    let defined: Vec<(f64, crate::bootstrap::Estimate)> =
        points.iter().filter_map(|point| point.macro_f1.map(|f1| (point.rows as f64, f1))).collect();
    let most = defined.iter().map(|point| point.0).fold(1.0, f64::max);
    let lowest = defined.iter().map(|point| point.1.low).fold(1.0, f64::min);
    svg(|area| {
        let x = Axis { name: "training rows", range: 0.0..most * 1.05, labels: 4, write: &|rows| format!("{rows:.0}") };
        let y = Axis { range: (lowest - 0.05).max(0.0)..1.0, ..Axis::unit("macro F1") };
        let mut chart = axes(area, &x, &y, true)?;
        for (rows, f1) in &defined {
            chart.draw_series([PathElement::new([(*rows, f1.low), (*rows, f1.high)], LINE.stroke_width(1))])?;
        }
        let values = || defined.iter().map(|(rows, f1)| (*rows, f1.value));
        chart.draw_series(LineSeries::new(values(), LINE.stroke_width(2)))?;
        chart.draw_series(values().map(|point| Circle::new(point, 4, LINE.filled())))?;
        Ok(())
    })
}

type Chart<'a, 'b> =
    ChartContext<'a, SVGBackend<'b>, Cartesian2d<plotters::coord::types::RangedCoordf64, plotters::coord::types::RangedCoordf64>>;

/// One axis of a plot.
struct Axis<'a> {
    name: &'a str,
    range: Range<f64>,
    /// About how many numbers stand at it.
    labels: usize,
    write: &'a dyn Fn(&f64) -> String,
}

impl<'a> Axis<'a> {
    /// From 0 to 1.
    fn unit(name: &'a str) -> Self {
        Self { name, range: 0.0..1.0, labels: 5, write: &|value| format!("{value:.1}") }
    }
}

/// Axes in the page's colours; `upright` lines only where they help to read the plot.
fn axes<'a, 'b>(
    area: &'a Area<'b>,
    x: &Axis,
    y: &Axis,
    upright: bool,
) -> Result<Chart<'a, 'b>, DrawingAreaErrorKind<std::io::Error>> {
    let mut chart = ChartBuilder::on(area)
        .margin(8)
        .x_label_area_size(34)
        .y_label_area_size(48)
        .build_cartesian_2d(x.range.clone(), y.range.clone())?;
    let mut mesh = chart.configure_mesh();
    if !upright {
        mesh.disable_x_mesh();
    }
    mesh.bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .axis_style(INK)
        .label_style(("sans-serif", 12, &INK))
        .x_desc(x.name)
        .y_desc(y.name)
        .x_labels(x.labels)
        .y_labels(y.labels)
        .x_label_formatter(x.write)
        .y_label_formatter(y.write)
        .draw()?;
    Ok(chart)
}

fn svg(draw: impl FnOnce(&Area) -> Drawn) -> String {
    let mut svg = String::new();
    let drawn = {
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        draw(&area).and_then(|()| area.present())
    };
    drawn.expect("a string can be drawn on");
    PAGE_COLOURS.iter().fold(svg, |svg, (stand_in, colour)| svg.replace(stand_in, colour))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bootstrap::Estimate;

    #[test]
    fn a_plot_takes_its_colours_from_the_page() {
        let f1 = Estimate { value: 0.8, low: 0.7, high: 0.9 };
        let svg = learning_curve(&[CurvePoint { rows: 100, macro_f1: Some(f1) }, CurvePoint { rows: 200, macro_f1: None }]);
        assert!(svg.starts_with("<svg") && svg.contains("var(--line)") && svg.contains("training rows"));
        assert!(!svg.contains("#01010") && !svg.contains("#03030"));
    }
}
