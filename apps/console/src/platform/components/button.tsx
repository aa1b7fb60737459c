import type { ButtonHTMLAttributes } from 'react';
import styles from './button.module.css';

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** primary: what the page is for; danger: cannot be taken back; plain: without a frame. @default normal */
  variant?: 'normal' | 'primary' | 'danger' | 'plain';
}

export function Button({ variant = 'normal', type = 'button', className = '', ...rest }: ButtonProps) {
  return <button type={type} className={`${styles.button} ${styles[variant]} ${className}`} {...rest} />;
}
