import {
  Bar,
  BarChart,
  CartesianGrid,
  Legend,
  Line,
  LineChart,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from "recharts";
import type { Point } from "./points.ts";

export interface Series {
  key: string;
  name: string;
  /** A colour of the theme. */
  color: string;
}

interface Props {
  kind: "bars" | "lines";
  points: Point[];
  lines: readonly Series[];
  time: (atMs: number) => string;
  amount: (value: number) => string;
}

const HEIGHT = 240;
const TEXT = { fill: "var(--muted)", fontSize: 12 };
const BOX = {
  background: "var(--surface)",
  border: "1px solid var(--line)",
  borderRadius: 8,
  color: "var(--text)",
};

/** A chart over time. Colours are the theme's; nothing moves by itself. */
export default function Chart({ kind, points, lines, time, amount }: Props) {
  const Frame = kind === "bars" ? BarChart : LineChart;
  return (
    <ResponsiveContainer width="100%" height={HEIGHT}>
      <Frame
        data={points}
        stackOffset="sign"
        margin={{ top: 8, right: 8, bottom: 0, left: 0 }}
        // The figure around it says what is in it.
        accessibilityLayer={false}
      >
        <CartesianGrid vertical={false} stroke="var(--line)" />
        <XAxis dataKey="atMs" tickFormatter={time} tick={TEXT} stroke="var(--line)" minTickGap={24} />
        <YAxis tickFormatter={amount} tick={TEXT} stroke="var(--line)" width={64} allowDecimals={false} />
        <Tooltip
          labelFormatter={(label) => time(Number(label))}
          formatter={(value) => amount(Number(value))}
          contentStyle={BOX}
          cursor={{ fill: "var(--none-soft)", stroke: "var(--line)" }}
          isAnimationActive={false}
        />
        <Legend formatter={(name) => <span className="legend">{name}</span>} />
        {lines.map(({ key, name, color }) =>
          kind === "bars" ? (
            <Bar key={key} dataKey={key} name={name} fill={color} stackId="all" isAnimationActive={false} />
          ) : (
            <Line
              key={key}
              dataKey={key}
              name={name}
              stroke={color}
              strokeWidth={2}
              dot={points.length < 2}
              isAnimationActive={false}
            />
          ),
        )}
      </Frame>
    </ResponsiveContainer>
  );
}
