// NH1023. In safe code the compiler does not let a reference to an owner's object outlive the owner. In unsafe code it only warns (CS9080
// to CS9097 in place of errors), and of pointers it knows nothing. This rule takes over there: an address taken from a local
// owner is followed outward, through locals assigned once, to a place that outlives the owner.
//
//     reported  <=>  the owner surely frees its object: a using local, or Dispose in a finally around the place or in a statement before it
//               and  nothing can have emptied the owner: it is only read, lent by `in` and disposed, never moved or copied
//               and  the address is returned, or stored in a ref or out parameter or a field, and nothing can have cleared that again
//
// Each line is decided by the shape of the method alone; where it is not plain, the rule is silent. A field is often lent a pointer
// while others work with it, so a field that is written again, or code of others after the store, means silence.

using System.Collections.Immutable;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace NativeHeap.Analyzers.Usage;

/// <summary>NH1023: a reference to an owner's object escapes the owner's lifetime.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ReferenceEscapesAnalyzer : UsageAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptors.ReferenceEscapes];

    private protected override void Register(CompilationStartAnalysisContext context, KnownSymbols symbols)
    {
        context.RegisterOperationAction(
            c =>
            {
                if (c.Operation is IPropertyReferenceOperation { Property.Name: "Value", Instance: ILocalReferenceOperation owner }
                    && symbols.IsOwner(owner.Local.Type))
                {
                    new EscapeTrace(c, symbols, owner).Follow(AddressForm.Place);
                }
            },
            OperationKind.PropertyReference);
        context.RegisterOperationAction(
            c =>
            {
                if (c.Operation is IInvocationOperation { Instance: ILocalReferenceOperation owner } call
                    && call.TargetMethod.Name == "DangerousGetPointer"
                    && symbols.IsOwner(owner.Local.Type))
                {
                    new EscapeTrace(c, symbols, owner).Follow(AddressForm.Address);
                }
            },
            OperationKind.Invocation);
    }
}
