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
    public const string OwnerCopied = "NH1022";
    public const string ReferenceEscapes = "NH1023";
}
