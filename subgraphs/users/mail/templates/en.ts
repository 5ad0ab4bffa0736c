// The mails of this service in English.
import type { MailTexts } from './mail-texts.ts';

export const en: MailTexts = {
  greeting: 'Dear {{firstName}} {{lastName}},',
  linkValid: 'The link is valid for {{duration}}. After that, you can ask for a new mail in the application.',
  codeValid: 'The code is valid for {{duration}}. After that, you can ask for a new mail in the application.',
  automatic: 'This mail was sent automatically. Please do not reply to it.',
  minute: 'minute',
  minutes: 'minutes',
  purposes: {
    ACTIVATION: {
      subject: 'Please confirm your e-mail address',
      reason: 'An account was created for you with this e-mail address.',
      link: 'Please confirm that the address is yours by opening this link:',
      code: 'Please confirm that the address is yours by entering this code in the application:',
      unasked:
        'If you did not ask for an account, you can ignore this mail: without your confirmation, the address remains unconfirmed.',
    },
    REACTIVATION: {
      subject: 'Please confirm your new e-mail address',
      reason: 'The e-mail address of your account was changed to this one.',
      link: 'Please confirm that the address is yours by opening this link:',
      code: 'Please confirm that the address is yours by entering this code in the application:',
      unasked:
        'If you did not ask for this change, you can ignore this mail: without your confirmation, the address remains unconfirmed.',
    },
    PASSWORD_RESET: {
      subject: 'Set a new password',
      reason: 'We received a request to set a new password for your account.',
      link: 'You can choose a new password by opening this link:',
      code: 'To choose a new password, please enter this code in the application:',
      unasked:
        'If you did not ask for this, you can ignore this mail: your password remains as it is. Please do not forward this mail to anybody.',
    },
    OIDC_UNLINK: {
      subject: 'The way you sign in has changed',
      reason:
        'Your account is no longer linked to the external sign-in service that you have used until now. To sign in again, you need a password.',
      link: 'Please choose a password by opening this link:',
      code: 'To choose a password, please enter this code in the application:',
      unasked:
        'If you did not ask for this change and have questions about it, please contact the support of the application. Please do not forward this mail to anybody else.',
    },
  },
};
