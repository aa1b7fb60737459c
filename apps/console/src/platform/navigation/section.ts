import type { ComponentType } from 'react';

/** A page of the console. Its code is loaded when somebody opens it. */
export interface Page {
  /** Path with parameters as TanStack Router writes them: "/jobs/$id". */
  path: string;
  load: () => Promise<{ default: ComponentType }>;
}

/** Pages that belong together, with their place in the navigation. */
export interface Section {
  title: string;
  /** Smaller is further up. Platform pages have 0 … 99, workloads 100 and more. */
  order: number;
  navigation: readonly {
    to: string;
    label: string;
    /** Second key of the shortcut "g <key>". */
    key?: string;
  }[];
  pages: readonly Page[];
}

const modules = import.meta.glob<{ section: Section }>(['../pages/*/section.ts', '../../workloads/*/section.ts'], {
  eager: true,
});

/** Every folder's section, in the order of the navigation: a folder with a `section.ts` is all that it takes. */
export const sections: readonly Section[] = Object.values(modules)
  .map(({ section }) => section)
  .sort((a, b) => a.order - b.order || a.title.localeCompare(b.title));
