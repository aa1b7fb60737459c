import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../../platform/api/index.js';
import { ActionDialog, Button, Loading, Page, ProblemNotice, useAnnounce } from '../../platform/components/index.js';
import { usePathParameter } from '../../platform/navigation/index.js';
import type { SheetTemplate } from './sheets.js';
import { draftOf } from './template-draft.js';
import { TemplateForm } from './template-form.js';

export default function TemplatePage() {
  const id = usePathParameter('id');
  const path = `/v1/spreadsheets/templates/${id}`;
  const announce = useAnnounce();
  const queries = useQueryClient();
  const template = useQuery({
    queryKey: ['sheet-template', id],
    queryFn: ({ signal }) => api.get<SheetTemplate>(path, { signal }),
  });
  const save = useMutation({
    mutationFn: (body: Record<string, unknown>) => api.put<SheetTemplate>(path, body),
    onSuccess: (saved) => {
      announce(`Version ${saved.version} is saved`);
      queries.setQueryData(['sheet-template', id], saved);
      void queries.invalidateQueries({ queryKey: ['sheet-templates'] });
    },
  });
  if (!template.data)
    return (
      <Page title="Template">
        {template.error ? <ProblemNotice error={template.error} /> : <Loading label="Loading the template" />}
      </Page>
    );
  return (
    <Page
      title={template.data.name}
      summary={`Version ${template.data.version}. Saving makes a new one; imports that have begun keep theirs.`}
      actions={<Remove path={path} name={template.data.name} />}
    >
      <TemplateForm
        key={template.data.version}
        initial={draftOf(template.data)}
        saving={save.isPending}
        error={save.error}
        onSave={(body) => save.mutate(body)}
      />
    </Page>
  );
}

function Remove({ path, name }: { path: string; name: string }) {
  const [open, setOpen] = useState(false);
  const announce = useAnnounce();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => api.delete(path),
    onSuccess: () => {
      announce(`The template ${name} is removed`);
      void queries.invalidateQueries({ queryKey: ['sheet-templates'] });
      void navigate({ to: '/spreadsheets/templates' as string });
    },
  });
  return (
    <>
      <Button onClick={() => setOpen(true)}>Remove</Button>
      {open && (
        <ActionDialog
          title={`Remove ${name}?`}
          action="Remove"
          variant="danger"
          disabled={remove.isPending}
          onAction={() => remove.mutate()}
          onClose={() => setOpen(false)}
          refusal="Keep it"
          error={remove.error}
        >
          <p>Imports that have begun keep it, and records stay. Nothing new can be imported by it.</p>
        </ActionDialog>
      )}
    </>
  );
}
