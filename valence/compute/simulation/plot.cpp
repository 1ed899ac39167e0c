// The experiment's plot: latency over load, three panels, a line a policy with its confidence intervals.
#include <cmath>

#include <fmt/format.h>

#include "valence/compute/simulation/experiment.hpp"

namespace valence::compute::simulation {
namespace {

// Pixels.
constexpr double kPanelWidth = 300;
constexpr double kPanelHeight = 320;
constexpr double kLeft = 64;
constexpr double kTop = 44;
constexpr double kGap = 44;
constexpr double kBelow = 48;
constexpr double kLegendRow = 22;

/// Okabe and Ito's colours, told apart by people who see red and green alike; the balancer's is black.
constexpr std::string_view kColours[] = {"#e69f00", "#56b4e9", "#009e73", "#cc79a7",
                                         "#d55e00", "#0072b2", "#999999"};
constexpr std::string_view kMarkers[] = {"circle", "square", "diamond", "triangle"};

struct Panel {
    std::string_view title;
    double RunResult::* value;
};
constexpr Panel kPanels[] = {
    {"median (p50)", &RunResult::p50}, {"p99", &RunResult::p99}, {"p99.9", &RunResult::p999}};

struct Look {
    std::string_view colour;
    std::string_view marker;
    double width;
};

Look look_of(std::string_view policy, std::size_t number) {
    if (policy == "balancer") return {"#000000", "circle", 2.6};
    return {kColours[number % std::size(kColours)], kMarkers[number % std::size(kMarkers)], 1.6};
}

std::string marker(const Look& look, double x, double y) {
    if (look.marker == "square")
        return fmt::format(R"(<rect x="{:.1f}" y="{:.1f}" width="7" height="7" fill="{}"/>)", x - 3.5,
                           y - 3.5, look.colour);
    if (look.marker == "diamond")
        return fmt::format(R"(<path d="M{:.1f} {:.1f}l4.5 4.5l-4.5 4.5l-4.5 -4.5z" fill="{}"/>)", x, y - 4.5,
                           look.colour);
    if (look.marker == "triangle")
        return fmt::format(R"(<path d="M{:.1f} {:.1f}l4.5 8l-9 0z" fill="{}"/>)", x, y - 5, look.colour);
    return fmt::format(R"(<circle cx="{:.1f}" cy="{:.1f}" r="3.6" fill="{}"/>)", x, y, look.colour);
}

std::string text(double x, double y, std::string_view anchor, std::string_view content,
                 std::string_view more = "") {
    return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" {}>{}</text>\n", x, y, anchor,
                       more, content);
}

/// Where values lie: loads linearly, seconds by their logarithm.
struct Axes {
    double load_low;
    double load_high;
    double low;
    double high;
    double left;

    double x(double load) const {
        const double span = load_high > load_low ? load_high - load_low : 1;
        return left + 14 + (kPanelWidth - 28) * (load - load_low) / span;
    }
    double y(double value) const {
        const double at = std::log(std::clamp(value, low, high) / low) / std::log(high / low);
        return kTop + kPanelHeight * (1 - at);
    }
};

/// 1, 2, 5, 10, … as far as they are within.
std::vector<double> ticks(double low, double high) {
    std::vector<double> at;
    for (double decade = std::pow(10, std::floor(std::log10(low))); decade <= high; decade *= 10)
        for (const double step : {1.0, 2.0, 5.0})
            if (decade * step >= low * 0.999 && decade * step <= high * 1.001) at.push_back(decade * step);
    return at;
}

std::string frame(const Axes& axes, const Panel& panel, const std::vector<double>& loads) {
    std::string svg = fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"none\" "
        "stroke=\"#888\"/>\n",
        axes.left, kTop, kPanelWidth, kPanelHeight);
    svg += text(axes.left + kPanelWidth / 2, kTop - 12, "middle", panel.title, "font-weight=\"bold\"");
    for (const double value : ticks(axes.low, axes.high)) {
        svg += fmt::format("<path d=\"M{:.1f} {:.1f}h{:.1f}\" stroke=\"#ddd\"/>\n", axes.left, axes.y(value),
                           kPanelWidth);
        svg += text(axes.left - 6, axes.y(value) + 4, "end", fmt::format("{:g}", value));
    }
    for (const double load : loads) {
        svg += fmt::format("<path d=\"M{:.1f} {:.1f}v5\" stroke=\"#888\"/>\n", axes.x(load),
                           kTop + kPanelHeight);
        svg += text(axes.x(load), kTop + kPanelHeight + 19, "middle", fmt::format("{:g}", load));
    }
    svg += text(axes.left + kPanelWidth / 2, kTop + kPanelHeight + 38, "middle",
                "offered load, share of capacity");
    return svg;
}

std::string line(const Axes& axes, const Look& look, const std::vector<const Cell*>& cells,
                 double RunResult::* value) {
    std::string path;
    std::string points;
    for (const Cell* cell : cells) {
        const Interval at = summary(*cell, value);
        const double x = axes.x(cell->load);
        path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", x, axes.y(at.mean));
        points += fmt::format("<path d=\"M{:.1f} {:.1f}V{:.1f}\" stroke=\"{}\"/>", x,
                              axes.y(at.mean - at.half), axes.y(at.mean + at.half), look.colour);
        points += marker(look, x, axes.y(at.mean)) + "\n";
    }
    return fmt::format("<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\"/>\n", path,
                       look.colour, look.width) +
           points;
}

}  // namespace

std::string plot(const std::vector<Cell>& cells) {
    std::vector<std::string> policies;
    std::vector<double> loads;
    double low = 1e9;
    double high = 1e-9;
    for (const Cell& cell : cells) {
        if (std::find(policies.begin(), policies.end(), cell.policy) == policies.end())
            policies.push_back(cell.policy);
        if (std::find(loads.begin(), loads.end(), cell.load) == loads.end()) loads.push_back(cell.load);
        for (const Panel& panel : kPanels) {
            const double mean = summary(cell, panel.value).mean;
            if (mean <= 0) continue;
            low = std::min(low, mean);
            high = std::max(high, mean);
        }
    }
    if (loads.empty() || low > high) return "<svg xmlns=\"http://www.w3.org/2000/svg\"/>\n";
    low /= 1.2;
    high *= 1.2;

    const double width = kLeft + 3 * kPanelWidth + 2 * kGap + 16;
    const std::size_t rows = (policies.size() + 3) / 4;
    const double height = kTop + kPanelHeight + kBelow + kLegendRow * static_cast<double>(rows) + 14;
    std::string svg = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {:.0f} {:.0f}\" width=\"{:.0f}\" "
        "height=\"{:.0f}\" "
        "font-family=\"sans-serif\" font-size=\"13\">\n<rect width=\"100%\" height=\"100%\" "
        "fill=\"#fff\"/>\n",
        width, height, width, height);
    svg += text(0, 0, "middle", "latency, seconds (logarithmic)",
                fmt::format("transform=\"translate(18 {:.1f}) rotate(-90)\"", kTop + kPanelHeight / 2));
    double left = kLeft;
    for (const Panel& panel : kPanels) {
        const auto [least, most] = std::minmax_element(loads.begin(), loads.end());
        const Axes axes{*least, *most, low, high, left};
        svg += frame(axes, panel, loads);
        for (std::size_t i = 0; i < policies.size(); ++i) {
            std::vector<const Cell*> mine;
            for (const Cell& cell : cells)
                if (cell.policy == policies[i]) mine.push_back(&cell);
            svg += line(axes, look_of(policies[i], i), mine, panel.value);
        }
        left += kPanelWidth + kGap;
    }
    for (std::size_t i = 0; i < policies.size(); ++i) {
        const Look look = look_of(policies[i], i);
        const auto row = i / 4;
        const double x = kLeft + static_cast<double>(i % 4) * 240;
        const double y = kTop + kPanelHeight + kBelow + 12 + kLegendRow * static_cast<double>(row);
        svg += fmt::format("<path d=\"M{:.1f} {:.1f}h28\" stroke=\"{}\" stroke-width=\"{}\"/>", x, y,
                           look.colour, look.width);
        svg += marker(look, x + 14, y) + "\n";
        svg += text(x + 36, y + 4, "start", policies[i]);
    }
    return svg + "</svg>\n";
}

}  // namespace valence::compute::simulation
