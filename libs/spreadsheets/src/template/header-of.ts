import type { Column } from './template.js';

/** A column's name for people. */
export const headerOf = ({ header, name }: Pick<Column, 'header' | 'name'>): string => header ?? name;
