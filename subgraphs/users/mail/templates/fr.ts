// The mails of this service in French. A colon has a space before it that does not break: \u00a0.
import type { MailTexts } from './mail-texts.ts';

export const fr: MailTexts = {
  greeting: 'Bonjour {{firstName}} {{lastName}},',
  linkValid: 'Ce lien est valable {{duration}}. Ensuite, vous pourrez demander un nouvel e-mail dans l’application.',
  codeValid: 'Ce code est valable {{duration}}. Ensuite, vous pourrez demander un nouvel e-mail dans l’application.',
  automatic: 'Cet e-mail a été envoyé automatiquement. Merci de ne pas y répondre.',
  minute: 'minute',
  minutes: 'minutes',
  purposes: {
    ACTIVATION: {
      subject: 'Veuillez confirmer votre adresse e-mail',
      reason: 'Un compte a été créé pour vous avec cette adresse e-mail.',
      link: 'Veuillez confirmer que cette adresse est bien la vôtre en ouvrant ce lien\u00a0:',
      code: 'Veuillez confirmer que cette adresse est bien la vôtre en saisissant ce code dans l’application\u00a0:',
      unasked:
        'Si vous n’avez pas demandé de compte, vous pouvez ignorer cet e-mail\u00a0: sans votre confirmation, l’adresse restera non confirmée.',
    },
    REACTIVATION: {
      subject: 'Veuillez confirmer votre nouvelle adresse e-mail',
      reason: 'L’adresse e-mail de votre compte a été remplacée par celle-ci.',
      link: 'Veuillez confirmer que cette adresse est bien la vôtre en ouvrant ce lien\u00a0:',
      code: 'Veuillez confirmer que cette adresse est bien la vôtre en saisissant ce code dans l’application\u00a0:',
      unasked:
        'Si vous n’avez pas demandé cette modification, vous pouvez ignorer cet e-mail\u00a0: sans votre confirmation, l’adresse restera non confirmée.',
    },
    PASSWORD_RESET: {
      subject: 'Définir un nouveau mot de passe',
      reason: 'Nous avons reçu une demande de nouveau mot de passe pour votre compte.',
      link: 'Vous pouvez choisir un nouveau mot de passe en ouvrant ce lien\u00a0:',
      code: 'Pour choisir un nouveau mot de passe, veuillez saisir ce code dans l’application\u00a0:',
      unasked:
        'Si vous n’êtes pas à l’origine de cette demande, vous pouvez ignorer cet e-mail\u00a0: votre mot de passe reste inchangé. Veuillez ne transférer cet e-mail à personne.',
    },
    OIDC_UNLINK: {
      subject: 'Votre mode de connexion a changé',
      reason:
        'Votre compte n’est plus lié au service de connexion externe que vous utilisiez jusqu’à présent. Pour vous connecter à nouveau, vous avez besoin d’un mot de passe.',
      link: 'Veuillez choisir un mot de passe en ouvrant ce lien\u00a0:',
      code: 'Pour choisir un mot de passe, veuillez saisir ce code dans l’application\u00a0:',
      unasked:
        'Si vous n’êtes pas à l’origine de ce changement et que vous avez des questions, veuillez contacter l’assistance de l’application. Veuillez ne transférer cet e-mail à personne d’autre.',
    },
  },
};
