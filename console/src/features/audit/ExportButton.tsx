// All entries that match as one file.
import { useState } from "react";
import { useDownload } from "@/api/download";
import { useClientId } from "@/api/session";
import { Button } from "@/design/Button";
import { Dialog } from "@/design/Dialog";
import { DownloadProgress } from "@/design/DownloadProgress";
import { Form, SelectField } from "@/design/Form";
import { useToast } from "@/design/Toast";
import { texts } from "@/texts";
import { type Filters, queryOf } from "./entries";

const words = texts.audit;
const FORMATS: [string, string][] = [
  ["ndjson", words.formats.ndjson],
  ["csv", words.formats.csv],
];

/** A button that asks for the format and downloads. */
export function ExportButton({ filters }: { filters: Filters }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>{words.export}</Button>
      {open && <ExportDialog filters={filters} onClose={() => setOpen(false)} />}
    </>
  );
}

function ExportDialog({ filters, onClose }: { filters: Filters; onClose: () => void }) {
  const client_id = useClientId();
  const download = useDownload();
  const tell = useToast();
  const chosen = queryOf(filters);

  async function save(format: string) {
    const query = new URLSearchParams({ ...chosen, format });
    const path = `/api/v1/${client_id}/audit-logs/export?${query.toString()}`;
    if (!(await download.start(path, `audit-logs.${format}`))) return;
    tell(words.exported);
    onClose();
  }

  return (
    <Dialog title={words.exportTitle} onClose={onClose}>
      <Form
        send={words.startExport}
        onSend={({ format = "ndjson" }) => save(format)}
        actions={<Button onClick={onClose}>{texts.common.cancel}</Button>}
      >
        <p className="text-sm">{Object.keys(chosen).length > 0 ? words.exportLead : words.exportAll}</p>
        <SelectField name="format" label={words.format} options={FORMATS} />
        <DownloadProgress download={download} />
      </Form>
    </Dialog>
  );
}
