// Words that stand in many places.
import { counted } from "../plural";

export const common = {
  product: "Rowlock",
  pageTitle: (title: string) => `${title} · Rowlock`,
  loading: "Loading …",
  noConnection: "The service did not answer. Check your connection and try again.",
  somethingWrong: "Something went wrong on our side.",
  requestId: (id: string) => `If it happens again, tell your operator this request id: ${id}`,
  tryAgainIn: (seconds: number) => `Try again in ${spanOf(seconds)}.`,
  tryAgainNow: "You can try again now.",
  retry: "Try again",
  more: "Show more",
  close: "Close",
  cancel: "Cancel",
  save: "Save",
  saved: "Saved.",
  show: "Show",
  hide: "Hide",
  copy: "Copy",
  copied: "Copied",
  downloading: "Download",
  bytesSoFar: (bytes: string) => `${bytes} so far`,
  bytesOf: (received: string, total: string) => `${received} of ${total}`,
  stop: "Stop",
  optional: "(optional)",
  inLine: (line: number, said: string) => `Line ${line.toString()}: ${said}`,
  typeToConfirm: (word: string) => `Type ${word} to confirm`,
  shownOnce: "It is shown this once. Store it in a safe place before you leave this page.",
  showFigures: "Show the figures as a table",
  chartEmpty: "Nothing happened in this time.",
  usedOf: (used: string, limit: string) => `${used} of ${limit}`,
  time: "Time",
  search: "Search",
  searchKey: "Press / to search",
  noFilters: "Clear the filters",
  all: "All",
  never: "Never",
  yes: "Yes",
  no: "No",
  skip: "Skip to the content",
  notFoundTitle: "There is no such page",
  notFound: "The address may be mistyped, or the page may have moved.",
  home: "Go to the start",
  brokenTitle: "This page does not work",
  broken: "Something in the console went wrong. Your data is safe; load the page again.",
  reload: "Load the page again",
  theme: "Colours",
  themeSystem: "As the system",
  themeLight: "Light",
  themeDark: "Dark",
};

function spanOf(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes >= 60) return counted(Math.ceil(seconds / 3600), "hour", "hours");
  const rest = seconds % 60;
  if (minutes === 0) return counted(seconds, "second", "seconds");
  return `${counted(minutes, "minute", "minutes")}${rest > 0 ? ` ${counted(rest, "second", "seconds")}` : ""}`;
}
