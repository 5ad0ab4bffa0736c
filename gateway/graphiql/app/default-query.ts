// What a first visitor finds in the editor. It uses only operations that every installation has.
export const defaultQuery = `# Welcome to Caregraph.
#
# 1. Sign in: put your e-mail address and password
#    below and run SignIn. (The demo clinic's are in
#    the first output of the program.)
# 2. Copy the accessToken into "Headers" below:
#    { "Authorization": "Bearer <accessToken>" }
# 3. Run Me, or WatchDocuments, which stays open and
#    shows changes as they happen.
#
# The button runs an operation, Ctrl-Enter the one
# that the cursor is in. Ctrl-Space completes. The
# book on the left explains every field.

mutation SignIn {
  login(input: { email: "you@example.com", password: "" }) {
    accessToken
    expiresIn
    user {
      firstName
    }
  }
}

query Me {
  me {
    firstName
    lastName
    staffEnlistments {
      group {
        name
      }
      roles {
        name
        permissions
      }
    }
  }
}

subscription WatchDocuments {
  documentChanged {
    kind
    position
    document {
      id
      status
      data
      creator {
        firstName
        lastName
      }
    }
  }
}
`;
