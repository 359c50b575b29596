// The ids of the rules. NH00xx judge a declaration, NH10xx the use of what was allocated. An id is never reused: people
// write them in .editorconfig files and pragmas. docs/diagnostics has a page on each, and tests hold ids, pages and releases together.

namespace NativeHeap.Analyzers;

internal static class DiagnosticIds
{
    public const string NotPartial = "NH0001";
    public const string NotUnmanaged = "NH0002";
    public const string UnsafeCodeOff = "NH0003";
    public const string UnsupportedType = "NH0004";
    public const string FieldsInSeveralParts = "NH0005";
    public const string LayoutUnknown = "NH0006";
    public const string Misaligned = "NH0007";
    public const string Padding = "NH0008";
    public const string LargeObject = "NH0009";
    public const string StubAlreadyDeclared = "NH0010";
    public const string InvalidAlignment = "NH0011";
    public const string ForeignUnsupported = "NH0012";
    public const string ForeignStubHidden = "NH0013";
    public const string StubsRepeated = "NH0014";
    public const string CannotBeIsolated = "NH0015";
    public const string FreedTwice = "NH1001";
    public const string MayBeFreedTwice = "NH1002";
    public const string UsedAfterFree = "NH1003";
    public const string MayBeUsedAfterFree = "NH1004";
    public const string NeverFreed = "NH1005";
    public const string NotFreedOnEveryPath = "NH1006";
    public const string ResultDiscarded = "NH1007";
    public const string LastReferenceLost = "NH1008";
    public const string InteriorFreed = "NH1009";
    public const string StackFreed = "NH1010";
    public const string FreedReturned = "NH1011";
    public const string ForeignFreed = "NH1012";
    public const string FreedAsAnother = "NH1013";
    public const string OwnerCaptured = "NH1015";
    public const string FieldNeverFreed = "NH1016";
    public const string OwnerDisposedByCopy = "NH1017";
    public const string AnnotationDropped = "NH1018";
    public const string WrongHeap = "NH1019";
    public const string DisposedTwice = "NH1020";
    public const string ReferenceInvalidated = "NH1021";
    public const string OwnerCopied = "NH1022";
    public const string ReferenceEscapes = "NH1023";
    public const string ReferenceMayBeInvalidated = "NH1024";
}
