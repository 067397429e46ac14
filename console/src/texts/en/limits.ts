// Rate limits and tiers.
export const limits = {};
