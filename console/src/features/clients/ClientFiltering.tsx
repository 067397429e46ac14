// The search and the filters above the list of clients.

import { useCallback } from "react";
import { useTiers } from "@/api/tiers";
import { FilterSelect, Filters, FilterText, SearchField } from "@/design/Filters";
import { texts } from "@/texts";
import type { ClientFilters } from "./clientQueries";

const words = texts.clients;
const STATUSES: [string, string][] = [["", words.anyStatus], ...Object.entries(words.statuses)];
const SORTS: [string, string][] = [
  ["", words.sorts.created_at],
  ["name", words.sorts.name],
  ["storage", words.sorts.storage],
];

/** Search, status, tier, industry and order; `industries` are offered while one types. */
export function ClientFiltering({
  filters,
  choose,
  industries,
}: {
  filters: ClientFilters;
  choose: (name: keyof ClientFilters, value: string) => void;
  industries: string[];
}) {
  const tiers = useTiers().data ?? [];
  const names = new Set([...tiers.map((tier) => tier.name), ...(filters.tier ? [filters.tier] : [])]);
  const search = useCallback((text: string) => choose("q", text), [choose]);
  return (
    <div>
      <Filters name={words.filters}>
        <SearchField label={words.search} hint={words.searchHint} value={filters.q} onSearch={search} />
        <FilterSelect
          label={words.status}
          value={filters.status}
          options={STATUSES}
          onChoose={(value) => choose("status", value)}
        />
        <FilterSelect
          label={words.tier}
          value={filters.tier}
          options={[["", words.anyTier], ...[...names].map((name): [string, string] => [name, name])]}
          onChoose={(value) => choose("tier", value)}
        />
        <FilterText
          label={words.industry}
          value={filters.industry}
          known={industries}
          onChoose={(value) => choose("industry", value)}
        />
        <FilterSelect
          label={words.sort}
          value={filters.sort === "created_at" ? "" : filters.sort}
          options={SORTS}
          onChoose={(value) => choose("sort", value)}
        />
      </Filters>
      {filters.sort === "storage" && <p className="mt-2 text-sm text-quiet">{words.sortedByStorage}</p>}
    </div>
  );
}
