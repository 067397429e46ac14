// Tables that stay readable on a phone: there each row becomes a card with its columns' names beside the values.
import type { ReactNode } from "react";
import { Link } from "react-router";
import { asProblem } from "@/api/problems";
import { texts } from "@/texts";
import { Button } from "./Button";
import { classes } from "./classes";
import { ProblemNotice } from "./ProblemNotice";

export interface Column<Row> {
  name: string;
  show: (row: Row) => ReactNode;
  /** Figures stand at the right, in digits of one width. */
  figures?: boolean;
  /** Buttons for the row: they stand at the right, below no name that is seen. */
  action?: boolean;
  /** Shown on a phone and where there is much room, but not between: for columns that others can do without. */
  wide?: boolean;
}

const BETWEEN = "sm:max-xl:hidden";
const MARKS = {
  none: "",
  warning: "shadow-[inset_3px_0_0_var(--color-warning)] max-sm:pl-3",
  danger: "shadow-[inset_3px_0_0_var(--color-danger)] max-sm:pl-3",
} as const;

/** A table with a caption for screen readers; the first column names the row and, with `to`, leads to its page. */
export function Table<Row>({
  caption,
  columns,
  rows,
  rowKey,
  to,
  mark,
  busy = false,
}: {
  caption: string;
  columns: Column<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string;
  to?: (row: Row) => string;
  /** A bar at the side of rows to look at twice; a word in the row says why. */
  mark?: (row: Row) => "warning" | "danger" | undefined;
  /** These rows are on their way out: others are being fetched. */
  busy?: boolean;
}) {
  return (
    <table className="w-full border-collapse text-sm sm:-mx-3 sm:w-[calc(100%+1.5rem)]" aria-busy={busy || undefined}>
      <caption className="sr-only">{caption}</caption>
      <thead className="max-sm:sr-only">
        <tr className="border-b border-line text-left text-quiet">
          {columns.map((column) => (
            <th
              key={column.name}
              scope="col"
              className={classes(
                "px-3 py-2 font-medium wrap-break-word",
                column.figures && "text-right",
                column.wide && BETWEEN,
              )}
            >
              {column.action ? <span className="sr-only">{column.name}</span> : column.name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr
            key={rowKey(row)}
            className={classes(
              "border-b border-line last:border-0 hover:bg-raised max-sm:block max-sm:py-3 max-sm:first:pt-1 max-sm:last:pb-0",
              MARKS[mark?.(row) ?? "none"],
            )}
          >
            {columns.map((column, at) => (
              <Cell key={column.name} column={column} row={row} to={at === 0 ? to : undefined} heads={at === 0} />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Cell<Row>({
  column,
  row,
  to,
  heads,
}: {
  column: Column<Row>;
  row: Row;
  to: ((row: Row) => string) | undefined;
  heads: boolean;
}) {
  const Kind = heads ? "th" : "td";
  const value = column.show(row);
  return (
    <Kind
      scope={heads ? "row" : undefined}
      className={classes(
        "px-3 py-2 text-left align-baseline font-normal max-sm:flex max-sm:justify-between max-sm:gap-4 max-sm:px-0 max-sm:py-1",
        heads && "max-sm:text-base max-sm:font-semibold",
        value === false && "max-sm:hidden",
        column.figures && "sm:text-right sm:tabular-nums",
        column.action && "text-right max-sm:justify-end",
        column.wide && BETWEEN,
      )}
    >
      {!column.action && !heads && (
        <span aria-hidden="true" className="shrink-0 text-quiet sm:hidden">
          {column.name}
        </span>
      )}
      <span className={classes("min-w-0", !heads && "max-sm:text-right")}>
        {to ? (
          <Link to={to(row)} className="font-semibold text-accent underline-offset-2 hover:underline">
            {value}
          </Link>
        ) : (
          (value ?? "–")
        )}
      </span>
    </Kind>
  );
}

/** The button below a list that brings the next page of it, while there is one. */
export function More({
  list,
}: {
  list: { hasNextPage: boolean; isFetchingNextPage: boolean; moreError: unknown; fetchNextPage: () => unknown };
}) {
  if (!list.hasNextPage) return null;
  if (list.moreError && !list.isFetchingNextPage) {
    return (
      <div className="mt-4">
        <ProblemNotice problem={asProblem(list.moreError)} onRetry={() => void list.fetchNextPage()} />
      </div>
    );
  }
  return (
    <div className="mt-4 flex justify-center">
      <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
        {texts.common.more}
      </Button>
    </div>
  );
}
