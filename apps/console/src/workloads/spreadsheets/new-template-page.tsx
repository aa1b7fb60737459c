import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { api } from '../../platform/api/index.js';
import { Page, useAnnounce } from '../../platform/components/index.js';
import type { SheetTemplate } from './sheets.js';
import { emptyDraft } from './template-draft.js';
import { TemplateForm } from './template-form.js';

export default function NewTemplatePage() {
  const announce = useAnnounce();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: (body: Record<string, unknown>) => api.post<SheetTemplate>('/v1/spreadsheets/templates', body),
    onSuccess: ({ name }) => {
      announce(`The template ${name} is created`);
      void queries.invalidateQueries({ queryKey: ['sheet-templates'] });
      void navigate({ to: '/spreadsheets/templates' as string });
    },
  });
  return (
    <Page title="New template">
      <TemplateForm
        initial={emptyDraft}
        saving={save.isPending}
        error={save.error}
        onSave={(body) => save.mutate(body)}
      />
    </Page>
  );
}
