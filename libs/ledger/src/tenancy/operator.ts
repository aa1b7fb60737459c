/** Tenant of the people who run the platform: its keys set what all tenants share. No customer may have this name. */
export const operatorTenant = 'operator';
