// The isolation report.
export const isolation = {};
