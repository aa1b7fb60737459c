import type { Provider, Type } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ApiKeys, RevokedSessions } from '@roundhouse/ledger';
import type { DataSource } from 'typeorm';
import { Admission } from './admission.js';
import { AuthGuard } from './auth.guard.js';
import type { AccessKeys } from './key-config.js';
import { LoginAttempts } from './login-attempts.js';
import { SessionController } from './session.controller.js';
import { Sessions } from './sessions.js';
import { SignedLinks } from './signed-link.js';
import { StreamAccess } from './stream-access.js';

export const accessControllers: Type[] = [SessionController];

export function accessProviders(keys: AccessKeys, dataSource: DataSource): Provider[] {
  return [
    { provide: ApiKeys, useValue: new ApiKeys(dataSource) },
    { provide: RevokedSessions, useValue: new RevokedSessions(dataSource) },
    { provide: Sessions, useValue: new Sessions(keys.sessionKey, keys.previousSessionKeys) },
    { provide: SignedLinks, useValue: new SignedLinks(keys.linkKey, keys.previousLinkKeys) },
    { provide: LoginAttempts, useValue: new LoginAttempts() },
    Admission,
    StreamAccess,
    { provide: APP_GUARD, useClass: AuthGuard },
  ];
}
